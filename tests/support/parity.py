"""Where a live run may differ from a simulated one."""

from collections.abc import Mapping

# Scenarios whose journals may differ, and why.
EXCEPTIONS: Mapping[str, str] = {
    "scenarios/order/reversed_reports.scn": "of several callbacks of one moment a wire gives one after the other, "
    "and a step that waits for the first goes on before the next; directly they come in one go",
}

# Scenarios that are blocked live, and why.
BLOCKED: Mapping[str, str] = {
    "scenarios/account/bank_transfer.scn": "it moves money, which is never sent to a live front",
}
