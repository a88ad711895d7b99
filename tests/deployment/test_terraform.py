"""Terraform's files: format, variables, and the rules on encryption and access.

``terraform validate`` and ``terraform test`` need the AWS provider's plug-in; these checks do not.
"""

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

TERRAFORM = Path("terraform")
MODULES = sorted(TERRAFORM.glob("modules/*"))
FOLDERS = [TERRAFORM, *MODULES]
PLATFORM = TERRAFORM / "modules" / "igniteflow"
ENVIRONMENTS = sorted(TERRAFORM.glob("environments/*.tfvars"))
# What no file of an environment can know.
OF_THE_TEAM = {"alarm_emails": ["me@example.com"], "image_repository_arn": "arn:aws:ecr:..."}

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="needs the terraform command"
)

Block = dict[str, Any]


def unquoted(value: Any) -> Any:
    """Without the quotation marks that the parser leaves on names and texts."""
    if isinstance(value, dict):
        return {unquoted(name): unquoted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [unquoted(item) for item in value]
    return value.strip('"') if isinstance(value, str) else value


def text_of(folder: Path) -> str:
    return "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))


@functools.cache
def parsed(file: Path) -> Block:
    content: Block = unquoted(hcl2.loads(file.read_text()))
    return content


def blocks(folder: Path, kind: str) -> Iterator[tuple[str, Block]]:
    """Every block of a kind, with its first label."""
    for file in sorted(folder.resolve().glob("*.tf")):
        for block in parsed(file).get(kind, []):
            yield from block.items()


def resources(folder: Path, kind: str) -> list[Block]:
    found = [body for label, body in blocks(folder, "resource") if label == kind]
    return [next(iter(named.values())) for named in found]


@needs_terraform
def test_the_files_are_formatted() -> None:
    result = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff", TERRAFORM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_variable_is_typed_described_and_used(folder: Path) -> None:
    text = text_of(folder)
    for name, body in blocks(folder, "variable"):
        assert body.get("type"), name
        assert body.get("description", "").endswith("."), name
        assert len(re.findall(rf"\bvar\.{name}\b", text)) > ("validation" in body), name
    for name, body in blocks(folder, "output"):
        assert body.get("description", "").endswith("."), name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_reference_leads_somewhere(folder: Path) -> None:
    text = text_of(folder)
    assert set(re.findall(r"\bvar\.(\w+)", text)) == {n for n, _ in blocks(folder, "variable")}
    modules = dict(blocks(folder, "module"))
    declared = {(label, name) for label, body in blocks(folder, "resource") for name in body} | {
        ("data." + label, name) for label, body in blocks(folder, "data") for name in body
    }
    moved = re.sub(r"^moved \{.*?^\}", "", text, flags=re.DOTALL | re.MULTILINE)
    for kind, name in re.findall(r"(?<![\w.\"/-])((?:data\.)?(?:aws|helm)_\w+)\.(\w+)", moved):
        assert (kind, name) in declared, (kind, name)
    for name, output in re.findall(r"\bmodule\.(\w+)\.(\w+)", moved):
        called = (folder / modules[name]["source"]).resolve()
        assert output in dict(blocks(called, "output")), (name, output)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_module_gets_what_it_asks_for_and_nothing_else(folder: Path) -> None:
    for name, call in blocks(folder, "module"):
        variables = dict(blocks((folder / call["source"]).resolve(), "variable"))
        given = {key for key in call if not key.startswith("__")} - {
            "source",
            "depends_on",
            "count",
        }
        required = {key for key, body in variables.items() if "default" not in body}
        assert required <= given <= set(variables), name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_has_tests_of_what_it_declares(module: Path) -> None:
    (file,) = module.glob("tests/*.tftest.hcl")
    given = {name for block in parsed(file)["variables"] for name in block} - {"__is_block__"}
    variables = dict(blocks(module, "variable"))
    required = {name for name, body in variables.items() if "default" not in body}
    assert required <= given <= set(variables)
    declared = {(label, name) for label, body in blocks(module, "resource") for name in body}
    text = file.read_text()
    for kind, name in re.findall(r"(?<![\w.\"/-])((?:aws|helm)_\w+)\.(\w+)", text):
        assert (kind, name) in declared, (kind, name)
    assert set(re.findall(r"target\s+= module\.(\w+)", text)) <= set(dict(blocks(module, "module")))


def test_region_zones_and_bucket_are_said_by_the_files_of_the_environments_alone() -> None:
    assert [file.stem for file in ENVIRONMENTS] == ["dev", "prod", "staging"]
    variables = dict(blocks(TERRAFORM, "variable"))
    required = {name for name, body in variables.items() if "default" not in body}
    for file in ENVIRONMENTS:
        assert parsed(file)["environment"] == file.stem
        assert set(parsed(file)) == required - set(OF_THE_TEAM)
    for folder in FOLDERS:
        literals = re.sub(r'description\s*=\s*".*"', "", text_of(folder))
        assert not re.search(r'"[a-z]{2}(-[a-z]+)+-\d[a-z]?"', literals), folder
        assert '"igniteflow-' not in literals.replace('"igniteflow-${', ""), folder
    assert len({parsed(file)["data_lake_bucket"] for file in ENVIRONMENTS}) == len(ENVIRONMENTS)
    assert len({parsed(file)["vpc_cidr"] for file in ENVIRONMENTS}) == len(ENVIRONMENTS)


def initialized(folder: Path) -> None:
    """Let Terraform find the modules of the folder, none of which may need a provider."""
    command = ["terraform", f"-chdir={folder}", "init", "-backend=false", "-input=false"]
    subprocess.run(command, capture_output=True, text=True, check=True)


def planned_with(folder: Path, *options: str) -> str:
    """What Terraform says to the folder's configuration, "" if it takes it."""
    command = ["terraform", f"-chdir={folder}", "plan", "-input=false", "-no-color", *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else " ".join(result.stderr.split())


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., str]:
    """Plans the variables of the root and of its module without resources, which no provider needs.

    Returns what Terraform said, "" if it took the variables.
    """
    module = tmp_path / PLATFORM.relative_to(TERRAFORM)
    module.mkdir(parents=True)
    shutil.copy(PLATFORM / "variables.tf", module)
    shutil.copy(TERRAFORM / "variables.tf", tmp_path)
    (tmp_path / "main.tf").write_text(
        re.sub(r"^moved \{.*?^\}", "", (TERRAFORM / "main.tf").read_text(), flags=re.DOTALL | re.M)
    )
    initialized(tmp_path)

    def planned(file: Path, **changed: Any) -> str:
        variables = tmp_path / "changed.tfvars.json"
        variables.write_text(json.dumps(OF_THE_TEAM | changed))
        files = [f"-var-file={path.resolve()}" for path in (file, variables)]
        return planned_with(tmp_path, *files)

    return planned


@needs_terraform
@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.stem)
def test_terraform_takes_the_files_of_the_environments(
    file: Path, plan: Callable[..., str]
) -> None:
    assert plan(file) == ""


@needs_terraform
def test_an_environment_moves_to_another_region_by_its_variables(
    plan: Callable[..., str],
) -> None:
    dev = TERRAFORM / "environments" / "dev.tfvars"
    zones = ["us-east-1a", "us-east-1b"]
    assert plan(dev, region="us-east-1", availability_zones=zones, data_lake_bucket="shop") == ""
    assert "must be one of the region us-east-1" in plan(dev, region="us-east-1")
    assert "dev, staging or prod" in plan(dev, environment="test")
    assert plan(dev, environment="development") == ""
    mysql = {"engine": "mysql", "instance_class": "db.t4g.medium"}
    assert "postgresql" in plan(dev, database=mysql)


def test_buckets_are_private_encrypted_versioned_and_tls_only() -> None:
    lake = TERRAFORM / "modules" / "data_lake"
    (block,) = resources(lake, "aws_s3_bucket_public_access_block")
    public = ("block_public_acls", "block_public_policy", "ignore_public_acls")
    assert all(block[name] is True for name in (*public, "restrict_public_buckets"))
    (encryption,) = resources(lake, "aws_s3_bucket_server_side_encryption_configuration")
    default = encryption["rule"][0]["apply_server_side_encryption_by_default"][0]
    assert default["sse_algorithm"] == "aws:kms"
    (versioning,) = resources(lake, "aws_s3_bucket_versioning")
    assert versioning["versioning_configuration"][0]["status"] == "Enabled"
    (policy,) = resources(lake, "aws_s3_bucket_policy")
    assert "aws:SecureTransport" in policy["policy"]
    (lifecycle,) = resources(lake, "aws_s3_bucket_lifecycle_configuration")
    for rule in lifecycle["rule"]:
        if "expiration" in rule:
            assert rule["filter"][0]["prefix"] == "compute-logs/", "a lake loses its files"


def test_the_database_is_private_encrypted_backed_up_and_has_no_password_here() -> None:
    database = TERRAFORM / "modules" / "database"
    (instance,) = resources(database, "aws_db_instance")
    assert instance["storage_encrypted"] is True
    assert instance["publicly_accessible"] is False
    assert instance["manage_master_user_password"] is True
    assert instance["skip_final_snapshot"] is False
    (parameters,) = resources(database, "aws_db_parameter_group")
    assert {"name": "rds.force_ssl", "value": "1", "__is_block__": True} in parameters["parameter"]
    assert "cidr_ipv4" not in text_of(database)


def test_the_cluster_is_encrypted_logged_and_closed() -> None:
    eks = TERRAFORM / "modules" / "eks"
    (cluster,) = resources(eks, "aws_eks_cluster")
    assert cluster["vpc_config"][0]["endpoint_private_access"] is True
    assert cluster["encryption_config"][0]["resources"] == ["secrets"]
    assert {"api", "audit", "authenticator"} <= set(cluster["enabled_cluster_log_types"])
    assert dict(blocks(eks, "variable"))["public_access_cidrs"]["default"] == []
    (template,) = resources(eks, "aws_launch_template")
    assert template["metadata_options"][0]["http_tokens"] == "required"
    assert template["block_device_mappings"][0]["ebs"][0]["encrypted"] is True
    (volume,) = resources(eks, "aws_efs_file_system")
    assert volume["encrypted"] is True


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_nothing_is_open_to_the_world_and_no_secret_is_written_down(folder: Path) -> None:
    for kind in ("aws_security_group", "aws_vpc_security_group_ingress_rule"):
        for group in resources(folder, kind):
            assert "0.0.0.0/0" not in str(group)
    text = text_of(folder)
    assert not re.search(r'(?i)(password|secret_key|token)\s*=\s*"', text)
    assert '"*:*"' not in text
    for key in resources(folder, "aws_kms_key"):
        assert key["enable_key_rotation"] is True


def test_service_accounts_of_the_chart_get_their_roles() -> None:
    """The trust names the accounts as the chart does: release igniteflow, then the component."""
    workloads = re.search(r"\n  workloads = \{(.*?)\n  \}", text_of(PLATFORM), re.DOTALL)
    assert workloads
    names = set(re.findall(r"^\s+([\w-]+)\s+= \[", workloads.group(1), re.MULTILINE))
    accounts = Path("helm/igniteflow/templates/serviceaccounts.yaml").read_text()
    assert names
    assert names <= set(re.findall(r'"([\w-]+)" (?:\$arns|"")', accounts))
    assert 'account = "igniteflow-${name}"' in text_of(TERRAFORM / "modules" / "eks")
