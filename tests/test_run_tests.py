from run_tests import NAMES, command
from tests.kinds import KINDS


def test_several_kinds_are_run_by_several_processes():
    built = command(["unit", "contract", "--durations=5"])
    assert built[3:5] == ["-m", "unit or contract"]
    assert built[5:7] == ["-n", "3"]
    assert built[-1] == "--durations=5"


def test_units_take_less_time_than_starting_processes():
    assert command(["unit"])[1:] == ["-m", "pytest", "-m", "unit"]


def test_everything_is_run_without_a_choice_of_kinds():
    assert "-m" not in command(["all"])[3:]


def test_a_word_after_an_option_is_no_kind():
    assert command(["all", "-k", "slow"])[-2:] == ["-k", "slow"]


def test_a_report_is_one_file():
    assert "--self-contained-html" in command(["unit", "--html=report.html"])


def test_a_call_without_a_kind_runs_the_units():
    assert command([]) == command(["unit"])
    assert command(["-k", "name"])[3:] == ["-m", "unit", "-k", "name"]


def test_every_kind_can_be_named():
    assert set(KINDS) < set(NAMES)
