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
_HALTS = "tests/unit/core/test_risk_halts.py"
_FOREIGN = "tests/integration/test_foreign.py"
_BLOCKED = "tests/integration/test_blocked.py"
_BOTS = "tests/unit/api/test_bots.py"
_TRACKER = "tests/unit/accounts/test_order_tracker.py"
_FUNDS = "tests/integration/test_funds.py"
_FIGURES = "tests/unit/services/test_figures.py"

PROVOKED: Mapping[str, str] = {
    "bot.quarantined": (
        "tests/integration/test_quarantine.py"
        "::test_fault_R2_a_bot_that_crashes_at_every_start_is_taken_out_and_an_edit_brings_it_back"
    ),
    "bot_type.unusable": ("tests/unit/test_bot_types.py::test_one_that_cannot_be_used_is_a_finding_and_stops_nothing"),
    "certification.failed": (
        "tests/integration/test_field_check.py::test_nothing_is_placed_where_the_market_has_moved_since_it_was_agreed"
    ),
    "certification.server_running": (
        "tests/e2e/test_certify_command.py::test_with_a_server_reads_alone_and_without_one_the_order_too"
    ),
    "exchange.uncertified": (
        "tests/unit/accounts/test_life.py::test_where_nothing_is_proved_no_bot_starts_except_in_the_sandbox"
    ),
    "market.no_api": "tests/contract/test_replayed_traps.py::test_mexc_lists_a_market_that_programs_may_not_trade",
    "passphrase.refused": "tests/contract/test_replayed_errors.py::test_each_recorded_refusal_ends_as_it_proves",
    "permission.market_missing": (
        "tests/contract/test_replayed_errors.py::test_each_recorded_refusal_ends_as_it_proves"
    ),
    "funds.left": f"{_FUNDS}::test_fault_X18_money_that_left_holds_new_orders_until_a_person_labels_it",
    "funds.received": f"{_FUNDS}::test_fault_X18_a_deposit_is_booked_with_its_record_and_stops_no_bot",
    "hold.active": "tests/integration/test_hold.py::test_a_hold_cancels_what_stands_and_ends_by_itself",
    "hold.resume_blocked": (
        "tests/integration/test_hold.py::test_after_a_hold_a_bot_goes_on_only_if_its_start_checks_pass"
    ),
    "kill.active": "tests/integration/test_kill.py::test_a_killed_bot_says_who_killed_it_and_why",
    "access.refused": "tests/contract/test_session_sandbox.py::test_permissions_and_addresses",
    "account.restricted": "tests/contract/test_session_bitmart.py::test_words_of_refusals",
    "exchange.closing": "tests/unit/accounts/test_life.py::test_a_closing_exchange",
    "exchange.closed": "tests/unit/accounts/test_life.py::test_a_closing_exchange",
    "account.foreign_order": (f"{_FOREIGN}::test_fault_X18_a_foreign_order_is_critical_at_once_and_holds_new_orders"),
    "account.foreign_trade": (
        f"{_FOREIGN}::test_fault_X18_a_foreign_trade_is_stored_without_a_bot_and_holds_new_orders"
    ),
    "account.orders_missing": f"{_BLOCKED}::test_a_key_of_another_account_does_not_make_orders_vanish",
    "account.recovering": f"{_CONNECTORS}::test_nothing_is_sent_by_a_session_that_another_has_replaced",
    "account.shared": f"{_FOREIGN}::test_fault_D6_another_installations_orders_hold_the_bots_and_stay",
    "balance.currency_missing": f"{_FAULTS}[currency_missing]",
    "balance.empty_list": f"{_BALANCES}::test_fault_X12_an_empty_list_of_an_account_with_deposits_stays_unknown",
    "balance.inconsistent": f"{_BALANCES}::test_fault_X13_numbers_that_disagree_are_not_used_and_read_again",
    "balance.insufficient": f"{_TRADING}::test_X2_refusals_make_growing_pauses",
    "balance.other_wallet": f"{_FAULTS}[other_wallet]",
    "balance.stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "balance.unknown": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "balance.unlisted": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "book.crossed": f"{_FAULTS}[book_crossed]",
    "book.empty": f"{_FAULTS}[book_empty]",
    "book.frozen": f"{_FAULTS}[book_frozen]",
    "stream.broken": (
        "tests/unit/accounts/test_streamed_feed.py"
        "::test_fault_N8_a_stream_that_keeps_silent_about_what_polls_show_is_dropped"
    ),
    "book.stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "book.unknown": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "bot.client_missing": "tests/unit/cli/test_doctor.py::test_a_bot_whose_client_has_gone_is_named",
    "bot.unknown": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "budget.exceeds_account": f"{_BOTS}::test_budgets_that_come_to_more_than_the_account_holds_are_refused",
    "budget.missing": f"{_BOTS}::test_a_bot_without_a_budget_does_not_start_beside_another",
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
    "ledger.mismatch": f"{_FUNDS}::test_fault_X17_a_fill_that_is_taken_back_is_a_mismatch_and_nothing_is_adjusted",
    "limit.drawdown": f"{_HALTS}::test_a_drawdown_of_the_own_net_position_has_steps",
    "limit.execution_loss": f"{_HALTS}::test_execution_loss_halts_until_a_person_resumes",
    "limit.fees": f"{_HALTS}::test_fees_halt_until_a_person_resumes",
    "limit.inventory": f"{_HALTS}::test_fault_O1_a_band_below_what_is_held_stops_new_risk_and_says_so",
    "limit.refusals": "tests/integration/test_limits.py::test_fault_X2_refused_for_one_cause_the_bot_stops_asking",
    "limit.settings_unreadable": (
        "tests/integration/test_limits.py::test_settings_that_nobody_can_read_halt_the_bots_they_are_of_alone"
    ),
    "limit.unreadable": (
        "tests/storage/test_risk.py::test_a_state_that_nobody_can_read_halts_its_bot_and_counts_its_position_anew"
    ),
    "limit.shock": f"{_HALTS}::test_fault_M4_a_price_shock_keeps_quotes_out_for_the_cool_down",
    "market.halted": f"{_FAULTS}[market_halted]",
    "market.rules_stale": f"{_VIEW}::test_what_is_missing_is_the_reason",
    "market.unknown": f"{_FAULTS}[market_renamed]",
    "markets.key_needed": (
        "tests/unit/accounts/test_browsing.py"
        "::test_an_exchange_that_lists_its_markets_for_a_key_only_says_so_and_touches_no_order"
    ),
    "market.unverified": f"{_BOTS}::test_a_pair_that_could_not_be_verified_is_verified_at_start",
    "order.contradictory": f"{_TRACKER}::test_what_cannot_be_true_freezes_the_order_and_names_itself",
    "order.duplicate": f"{_ERRORS}::test_code",
    "order.not_found": f"{_ERRORS}::test_not_found_on_a_cancel_is_a_refusal_that_proves_nothing",
    "order.overfilled": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.precision": f"{_FAULTS}[precision_changed]",
    "order.refused": f"{_ERRORS}::test_code",
    "order.second_exchange_id": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.too_small": f"{_FAULTS}[minimum_raised]",
    "order.unknown": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "order.unresolved": f"{_BLOCKED}::test_an_order_that_nobody_answers_for_is_named_until_it_is_proved_absent",
    "orders.cancelled_by_hand": (
        "tests/integration/test_endings.py"
        "::test_fault_O6_orders_that_people_cancel_are_replaced_three_times_and_then_the_bot_holds"
    ),
    "orders.drift": (
        "tests/integration/test_recovery.py::test_fault_S4_an_order_with_our_id_and_no_row_is_cancelled_and_told"
    ),
    "permission.read_missing": f"{_FAULTS}[read_missing]",
    "permission.trade_missing": f"{_FAULTS}[trade_missing]",
    "probe.failed": "tests/contract/test_doctor_ladder.py::test_a_probe_that_raises_is_a_failed_probe",
    "proxy.auth_required": f"{_TRANSPORT}::test_fault_N11_the_proxy_wants_a_password",
    "proxy.unreachable": f"{_TRANSPORT}::test_fault_N11_the_proxy_is_down_and_nothing_goes_round_it",
    "rate.limited": f"{_FAULTS}[rate_limited]",
    "risk.collar": "tests/unit/core/test_risk.py::test_a_price_far_from_the_reference_is_refused_with_its_reason",
    "risk.notional": "tests/unit/core/test_risk.py::test_a_large_order_is_cut_down_never_up",
    "runner.down": f"{_BOTS}::test_a_bot_that_nothing_runs_says_so",
    "runner.stalled": "tests/unit/runner/test_stall.py::test_fault_T5_after_a_standstill_orders_are_looked_at_first",
    "secret_keys.missing": f"{_INSTALLATION}::test_missing_keys_are_not_made",
    "settings.invalid": f"{_INSTALLATION}::test_settings_that_cannot",
    "self_trade.happened": (
        "tests/integration/test_self_trade.py::test_fault_X21_a_self_deal_that_the_exchange_reports_kills_the_client"
    ),
    "signature.refused": f"{_ERRORS}::test_code",
    "storage.closed": f"{_JOURNAL}::test_closing_writes_what_waits_and_refuses_what_comes_later",
    "storage.refused": f"{_JOURNAL}::test_a_bad_call_fails_alone_and_whole",
    "storage.slow": f"{_JOURNAL}::test_the_queue_is_bounded",
    "storage.unreadable_row": (
        "tests/integration/test_unreadable.py::test_an_order_that_cannot_be_read_holds_its_connector_until_it_is_mended"
    ),
    "storage.unwritable": f"{_CREATE}::test_S2_an_intent_that_cannot_be_stored_is_not_sent_and_blocks_nothing",
    "strategy.unavailable": f"{_BOTS}::test_a_scheduled_execution_is_stored_and_does_not_start",
    "volume.incomplete": "tests/contract/test_coinstore_answers.py::test_an_endless_history_is_not_read_to_its_end",
}
