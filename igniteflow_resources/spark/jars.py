"""The jars that Spark needs in addition to its own; they are downloaded once during set-up."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Set as AbstractSet
from pathlib import Path

import pyspark

from igniteflow_core.errors import EnvironmentSetupError
from igniteflow_resources.spark.java import check_java

PACKAGES = (
    "io.delta:delta-spark_4.2_2.13:4.4.0",
    "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",
    "org.apache.spark:spark-avro_2.13:4.2.0",
    "org.postgresql:postgresql:42.7.8",
    "org.mariadb.jdbc:mariadb-java-client:3.5.6",
)

_RESOLVE = """
import sys
from pyspark.sql import SparkSession
packages, excluded, ivy = sys.argv[1:]
SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config(
    "spark.jars.packages", packages
).config("spark.jars.excludes", excluded).config("spark.jars.ivy", ivy).getOrCreate().stop()
"""

_WARM_UP = """
import sys
from pyspark.sql import SparkSession
classpath, archive, table = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.extraClassPath", classpath)
    .config("spark.driver.extraJavaOptions", f"-XX:ArchiveClassesAtExit={archive}")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .getOrCreate()
)
rows = spark.range(10).selectExpr("id", "id % 2 AS part", "cast(id AS string) AS text")
rows.write.format("delta").partitionBy("part").save(table)
rows.where("part = 1").write.format("delta").mode("overwrite").option(
    "replaceWhere", "part = 1"
).save(table)
spark.read.format("delta").load(table).groupBy("part").count().toPandas()
spark.stop()
"""


def fetch_jars(
    folder: Path, packages: tuple[str, ...] = (), excluded: tuple[str, ...] = ()
) -> list[Path]:
    """Download ``PACKAGES``, the given packages, and their dependencies that Spark does not ship.

    Spark's own resolver downloads the jars. A complete folder is not changed.

    Raises:
        EnvironmentSetupError: Java is unsuitable, or a jar cannot be downloaded.
    """
    shipped = {_artifact(jar.name) for jar in _spark_jars()}
    if fetch_packages(PACKAGES + packages, folder, excluded, leave_out=shipped):
        for archive in folder.glob("*.jsa"):
            archive.unlink()  # Java ignores an archive of another class path.
    return local_jars(folder)


def fetch_packages(
    packages: tuple[str, ...],
    folder: Path,
    excluded: tuple[str, ...] = (),
    leave_out: AbstractSet[str] = frozenset(),
) -> bool:
    """Download Maven packages and their dependencies to a separate folder.

    Args:
        packages: Maven coordinates as ``organisation:artifact:version``.
        folder: target folder; it is created if needed, and other jars in it are deleted.
        excluded: dependencies to exclude, as ``organisation:artifact``.
        leave_out: artifacts, without version, that are not copied to the folder.

    Returns:
        True if packages were downloaded, False if the folder was complete already.

    Raises:
        EnvironmentSetupError: Java is unsuitable, or a jar cannot be downloaded.
    """
    check_java()
    complete = folder / "packages.txt"
    expected = "\n".join([*packages, *(f"not {each}" for each in excluded)]) + "\n"
    if complete.exists() and complete.read_text() == expected:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    complete.unlink(missing_ok=True)
    for jar in folder.glob("*.jar"):
        jar.unlink()
    with tempfile.TemporaryDirectory() as ivy:
        _run_python(
            _RESOLVE,
            ",".join(packages),
            ",".join(excluded),
            ivy,
            doing=f"fetching {', '.join(packages)}",
        )
        for jar in sorted(Path(ivy, "jars").glob("*.jar")):
            # The resolver writes organisation_artifact-version.jar.
            if _artifact(jar.name.split("_", 1)[1]) not in leave_out:
                shutil.copy(jar, folder / jar.name)
    complete.write_text(expected)
    return True


def local_jars(folder: Path) -> list[Path]:
    """Return the downloaded jars.

    Raises:
        EnvironmentSetupError: the jars have not been downloaded.
    """
    jars = sorted(folder.glob("*.jar"))
    if not jars:
        raise EnvironmentSetupError(
            "Spark's extra jars (Delta Lake, Kafka, Avro, database drivers) are missing",
            where=str(folder),
            fix="download them once with: igniteflow setup",
        )
    return [jar.resolve() for jar in jars]


def class_archive(folder: Path, version: str) -> Path:
    """Return the path of the class-data archive for this version of Spark and of Java."""
    return folder.resolve() / f"spark-{pyspark.__version__}-java-{version}.jsa"


def write_class_archive(folder: Path) -> Path:
    """Write the archive of loaded classes that halves the time of Spark's start and first query.

    Java maps the archive into memory instead of reading and verifying 20,000 classes (JEP 350).
    An existing archive is not changed.
    """
    archive = class_archive(folder, check_java())
    if archive.exists():
        return archive
    classpath = ":".join(str(jar) for jar in local_jars(folder))
    with tempfile.TemporaryDirectory() as scratch:
        _run_python(
            _WARM_UP,
            classpath,
            str(Path(scratch, "classes.jsa")),
            str(Path(scratch, "table")),
            doing="writing Spark's class archive",
        )
        shutil.move(Path(scratch, "classes.jsa"), archive)
    return archive


def _spark_jars() -> list[Path]:
    return list(Path(pyspark.__file__).parent.joinpath("jars").glob("*.jar"))


def _artifact(jar: str) -> str:
    return re.sub(r"-\d[^-]*(-[A-Za-z0-9.]+)*\.jar$", "", jar)


def _run_python(program: str, *arguments: str, doing: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own interpreter and program text
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise EnvironmentSetupError(
            f"{doing} failed: {result.stderr.strip()[-2000:]}",
            where=", ".join(PACKAGES),
            fix="check that Maven Central, or the mirror that Ivy is configured with, is reachable",
        )
