"""A small company's nights: one that goes well, one that fails, one with a task for each shop."""

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task

# Started by the scheduler itself, once.
with DAG("sales_nightly", schedule="@once", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), catchup=True):
    extract = BashOperator(task_id="extract", bash_command="echo 42 orders")
    transform = BashOperator(task_id="transform", bash_command="true")
    # A task that does nothing is never run, so no event comes of it.
    extract >> transform >> EmptyOperator(task_id="done")

with DAG("stock_nightly", schedule=None):

    @task
    def count_boxes():
        return 7

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def load_stock(boxes):
        raise ConnectionError(
            f'connection to server at "dwh.example.org", port 5432 failed: Connection refused ({boxes} boxes)'
        )

    @task
    def publish_stock():
        pass

    load_stock(count_boxes()) >> publish_stock()

with DAG("shops_nightly", schedule=None):

    @task
    def list_shops():
        return ["brest", "lyon", "paris"]

    @task
    def load_shop(shop):
        if shop == "lyon":
            raise FileNotFoundError(2, "No such file or directory", f"/drop/{shop}/prices.csv")
        return len(shop)

    @task(trigger_rule="all_done")
    def sum_up(counts):
        return sum(counts)

    sum_up(load_shop.expand(shop=list_shops()))
