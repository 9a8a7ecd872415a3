"""Which test provokes which finding, by what the product does: `tests/path.py::test_name[id]`, the id where it has one.

The code stands in that test, or in the table of its parameters; tests/unit/test_docs.py looks.
"""

from collections.abc import Mapping

_ERRORS = "tests/contract/test_coinstore_errors.py"
_TRANSPORT = "tests/contract/test_session_transport.py"
_BALANCES = "tests/unit/accounts/test_balance_reader.py"
_FAULTS = "tests/integration/test_faults.py::test_fault_is_named_with_its_fix_and_goes_by_itself"
_INSTALLATION = "tests/unit/diagnosis/test_installation.py"
_VIEW = "tests/unit/core/test_view.py"
_CONNECTORS = "tests/integration/test_connectors.py"
_CREATE = "tests/integration/test_create.py"
_TRADING = "tests/integration/test_trading.py"
_JOURNAL = "tests/storage/test_journal.py"
_BLOCKED = "tests/integration/test_blocked.py"
_BOTS = "tests/unit/api/test_bots.py"
_FIGURES = "tests/unit/services/test_figures.py"

PROVOKED: Mapping[str, str] = {
    "access.refused": "tests/contract/test_session_sandbox.py::test_permissions_and_addresses",
    "account.orders_missing": f"{_BLOCKED}::test_a_key_of_another_account_does_not_make_orders_vanish",
    "account.recovering": f"{_CONNECTORS}::test_nothing_is_sent_by_a_session_that_another_has_replaced",
    "balance.currency_missing": f"{_FAULTS}[currency_missing]",
    "balance.empty_list": f"{_BALANCES}::test_fault_X12_an_empty_list_of_an_account_with_deposits_stays_unknown",
    "balance.insufficient": f"{_TRADING}::test_X2_refusals_make_growing_pauses",
    "balance.other_wallet": f"{_FAULTS}[other_wallet]",
    "balance.stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "balance.unknown": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "balance.unlisted": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "book.crossed": f"{_FAULTS}[book_crossed]",
    "book.empty": f"{_FAULTS}[book_empty]",
    "book.frozen": f"{_FAULTS}[book_frozen]",
    "book.stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "book.unknown": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "bot.client_missing": "tests/unit/cli/test_doctor.py::test_a_bot_whose_client_has_gone_is_named",
    "bot.unknown": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "clock.skewed": f"{_FAULTS}[clock_skew]",
    "config.invalid": f"{_BLOCKED}::test_a_configuration_that_no_longer_fits_holds_the_bot_and_names_the_field",
    "connector.ambiguous": (
        f"{_CONNECTORS}::test_a_connector_matches_by_name_first_and_else_as_the_only_one_at_its_exchange"
    ),
    "connector.missing": f"{_BOTS}::test_a_bot_without_its_connector_does_not_start_until_there_is_one",
    "connector.not_synced": f"{_CONNECTORS}::test_a_connector_that_is_added_is_live_within_five_seconds",
    "connector.unknown": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "credentials.empty": f"{_CONNECTORS}::test_S9_a_connector_without_a_key_is_out_alone",
    "credentials.rejected": f"{_FAULTS}[key_deleted]",
    "credentials.undecryptable": (
        f"{_CONNECTORS}::test_S9_an_undecryptable_key_is_out_alone_and_comes_back_when_it_is_entered_anew"
    ),
    "currency.name_mismatch": f"{_FAULTS}[currency_renamed]",
    "currency.unverified": f"{_FIGURES}::test_what_nobody_said_is_unknown",
    "cycle.late": f"{_BLOCKED}::test_a_cycle_that_waits_for_the_exchange_says_since_when",
    "database.behind": f"{_INSTALLATION}::test_a_database_of_another_version",
    "database.missing": f"{_INSTALLATION}::test_no_database",
    "database.unreachable": f"{_INSTALLATION}::test_a_server_that_does_not_answer",
    "disk.low": f"{_INSTALLATION}::test_disk_space",
    "egress.changing": "tests/unit/diagnosis/test_egress.py::test_a_second_address_within_a_day_is_told",
    "exchange.maintenance": f"{_FAULTS}[maintenance]",
    "exchange.no_answer": f"{_FAULTS}[hung]",
    "exchange.slow": f"{_FAULTS}[slow]",
    "exchange.unknown": f"{_BLOCKED}::test_a_connector_of_an_exchange_that_this_version_lacks_is_out_alone",
    "exchange.unreachable": f"{_TRANSPORT}::test_fault_N1_nobody_listens",
    "exchange.unrecognised": f"{_ERRORS}::test_code",
    "internal.error": f"{_BLOCKED}::test_a_bug_stops_one_bot_for_a_moment_and_names_itself_without_its_text",
    "ip.not_allowed": f"{_FAULTS}[address_refused]",
    "lease.lost": f"{_CREATE}::test_another_lease_on_the_shard_lets_nothing_be_sent",
    "market.halted": f"{_FAULTS}[market_halted]",
    "market.rules_stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "market.shared": f"{_BOTS}::test_a_second_running_bot_on_one_market_is_refused",
    "market.unknown": f"{_FAULTS}[market_renamed]",
    "market.unverified": f"{_BOTS}::test_a_pair_that_could_not_be_verified_is_verified_at_start",
    "order.duplicate": f"{_ERRORS}::test_code",
    "order.not_found": f"{_ERRORS}::test_not_found_on_a_cancel_is_a_refusal_that_proves_nothing",
    "order.overfilled": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.precision": f"{_FAULTS}[precision_changed]",
    "order.refused": f"{_ERRORS}::test_code",
    "order.second_exchange_id": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.too_small": f"{_FAULTS}[minimum_raised]",
    "order.unknown": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.unresolved": f"{_BLOCKED}::test_an_order_that_nobody_answers_for_is_named_until_it_is_proved_absent",
    "permission.read_missing": f"{_FAULTS}[read_missing]",
    "permission.trade_missing": f"{_FAULTS}[trade_missing]",
    "probe.failed": "tests/contract/test_doctor_ladder.py::test_a_probe_that_raises_is_a_failed_probe",
    "proxy.auth_required": f"{_TRANSPORT}::test_fault_N11_the_proxy_wants_a_password",
    "proxy.unreachable": f"{_TRANSPORT}::test_fault_N11_the_proxy_is_down_and_nothing_goes_round_it",
    "rate.limited": f"{_FAULTS}[rate_limited]",
    "risk.collar": "tests/unit/core/test_risk.py::test_a_price_far_from_the_reference_is_refused_with_its_reason",
    "risk.notional": "tests/unit/core/test_risk.py::test_a_large_order_is_cut_down_never_up",
    "runner.down": f"{_BOTS}::test_a_bot_that_nothing_runs_says_so",
    "secret_keys.missing": f"{_INSTALLATION}::test_missing_keys_are_not_made",
    "settings.invalid": f"{_INSTALLATION}::test_settings_that_cannot",
    "signature.refused": f"{_ERRORS}::test_code",
    "storage.closed": f"{_JOURNAL}::test_closing_writes_what_waits_and_refuses_what_comes_later",
    "storage.refused": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "storage.slow": f"{_JOURNAL}::test_the_queue_is_bounded",
    "storage.unwritable": f"{_CREATE}::test_S2_an_intent_that_cannot_be_stored_is_not_sent_and_blocks_nothing",
    "strategy.unavailable": f"{_BOTS}::test_a_scheduled_execution_is_stored_and_does_not_start",
    "volume.incomplete": "tests/contract/test_coinstore_answers.py::test_an_endless_history_is_not_read_to_its_end",
}
