"""``igniteflow setup``: downloads everything that is required once."""

from pathlib import Path

from igniteflow_cli.library_log import library_log, under_way
from igniteflow_core.config.load import load_settings
from igniteflow_resources.spark.jars import fetch_jars, write_class_archive
from igniteflow_resources.spark.java import check_java


def setup() -> None:
    """Check Java, and download Spark's extra jars if they are missing."""
    spark = load_settings().spark
    folder = Path(spark.jars_dir)
    java = check_java()
    with library_log("setup") as (console, _):
        console.print(f"[green]✓[/] Java {java}")
        with under_way(console, "Downloading Spark's extra jars (once, about half a minute)"):
            jars = fetch_jars(folder, spark.packages, spark.excluded_packages)
        console.print(f"[green]✓[/] {len(jars)} jars in {folder}", soft_wrap=True)
        with under_way(console, "Preparing a faster start of Spark (once, about half a minute)"):
            write_class_archive(folder)
        console.print("[green]✓[/] Class archive for a faster start of Spark")
