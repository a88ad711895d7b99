"""Terraform's files: format, variables, and the rules on encryption and access.

``terraform validate`` and ``terraform test`` need the AWS provider's plug-in; these checks do not.
"""

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

TERRAFORM = Path("terraform")
MODULES = sorted(TERRAFORM.glob("modules/*"))
ROOTS = sorted(TERRAFORM.glob("environments/*"))
FOLDERS = MODULES + ROOTS

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


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the terraform command")
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
    for kind, name in re.findall(r"(?<![\w.\"/-])((?:data\.)?aws_\w+)\.(\w+)", text):
        assert (kind, name) in declared, (kind, name)
    for name, output in re.findall(r"\bmodule\.(\w+)\.(\w+)", text):
        called = (folder / modules[name]["source"]).resolve()
        assert output in dict(blocks(called, "output")), (name, output)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_module_gets_what_it_asks_for_and_nothing_else(folder: Path) -> None:
    for name, call in blocks(folder, "module"):
        variables = dict(blocks((folder / call["source"]).resolve(), "variable"))
        given = {key for key in call if not key.startswith("__")} - {"source", "depends_on"}
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
    for kind, name in re.findall(r"(?<![\w.\"/-])(aws_\w+)\.(\w+)", text):
        assert (kind, name) in declared, (kind, name)
    assert set(re.findall(r"target\s+= module\.(\w+)", text)) <= set(dict(blocks(module, "module")))


def test_an_environment_for_each_of_the_settings() -> None:
    assert {root.name for root in ROOTS} == {"dev", "staging", "prod"}
    for root in ROOTS:
        ((_, call),) = blocks(root, "module")
        assert call["environment"] == root.name
        assert f"igniteflow/{root.name}/terraform.tfstate" in text_of(root)


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
    workloads = re.search(
        r"\n  workloads = \{(.*?)\n  \}", text_of(TERRAFORM / "modules" / "platform"), re.DOTALL
    )
    assert workloads
    names = set(re.findall(r"^\s+([\w-]+)\s+= \[", workloads.group(1), re.MULTILINE))
    accounts = Path("helm/igniteflow/templates/serviceaccounts.yaml").read_text()
    assert names
    assert names <= set(re.findall(r'"([\w-]+)" (?:\$arns|"")', accounts))
    assert 'account = "igniteflow-${name}"' in text_of(TERRAFORM / "modules" / "eks")
