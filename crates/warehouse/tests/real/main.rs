//! The promises of the crate, kept with a real ClickHouse.
//!
//! One server for all tests, a database for each. The executable has a `main` of its own because it is also the server's
//! keeper, and because a server has to be stopped when the tests are over.

mod classes;
mod decision_log;
mod decisions;
mod declarations;
mod figures;
mod migrations;
mod months;
mod progress;
mod registry;
mod rights;
mod rows;
mod setup;
mod synthetic;
mod views;

use std::process::ExitCode;
use std::sync::Arc;

use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Launcher};
use libtest_mimic::{Arguments, Trial};

use crate::setup::Server;

macro_rules! trials {
    ($server:ident: $($module:ident::$name:ident)+) => {
        vec![$({
            let server = Arc::clone(&$server);
            let name = concat!(stringify!($module), "::", stringify!($name));
            Trial::test(name, move || {
                setup::block_on($module::$name(server.database(name)));
                Ok(())
            })
        },)+]
    };
}

fn main() -> ExitCode {
    if let Some(code) = cashless_localservices::run_hidden_subcommand() {
        return code;
    }
    let arguments = Arguments::from_args();
    let installation = Installation::from(Launcher::current_exe());
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation)).expect("ClickHouse starts");
    let server = Arc::new(Server::new(clickhouse));
    let trials = trials! { server:
        migrations::an_empty_database_becomes_the_schema_in_the_tree
        migrations::applying_twice_and_running_every_statement_again_changes_nothing
        migrations::an_edited_or_unknown_migration_stops
        migrations::enums_have_the_names_and_numbers_of_the_domain
        declarations::declarations_come_back_exactly
        declarations::one_revision_of_each_month_and_source_stands
        declarations::what_is_declared_again_is_no_new_row
        declarations::the_first_revision_decides_whether_a_month_is_late
        figures::each_rule_of_the_classes_holds
        figures::a_registry_fix_moves_exactly_the_days_it_names
        figures::money_before_an_institution_opens_and_after_it_closed_is_of_its_sector_and_unit
        figures::a_half_written_registry_version_is_never_seen
        figures::a_refund_of_what_never_counted_lowers_nothing
        figures::a_refund_follows_the_fate_of_its_original_wherever_that_is_told
        decisions::lookalikes_are_merged_when_there_is_exactly_one_candidate
        decisions::what_one_side_alone_knows_is_told_to_the_other
        decisions::of_bank_records_with_one_candidate_the_nearest_has_it
        decisions::ambiguous_records_are_listed_with_their_value_until_they_are_not
        decisions::what_a_person_took_back_is_a_candidate_as_before
        decisions::money_is_told_with_the_account_it_came_from
        decisions::what_was_decided_stands_when_persons_are_forgotten
        decisions::decisions_are_told_with_what_is_stored_and_a_persons_stands
        decision_log::decisions_come_back_exactly_and_a_repetition_changes_nothing
        decision_log::a_decision_waits_stands_and_is_overtaken
        decision_log::a_record_is_found_by_the_beginning_of_its_digits
        classes::all_views_look_classes_up_by_the_same_words
        classes::an_empty_database_has_the_shipped_rules_and_gives_every_combination_the_class_of_its_first_rule
        classes::a_change_of_the_rules_or_of_a_purpose_heals_all_past_days_at_once
        classes::a_half_written_list_of_rules_is_never_seen
        figures::everything_that_people_read_has_a_comment
        months::fast_views_say_what_plain_ones_say
        months::refunds_are_found_by_the_projection
        progress::the_content_of_a_plan_version_never_changes
        progress::progress_is_appended_and_the_newest_row_stands
        progress::of_old_progress_the_last_row_of_each_local_day_stays
        progress::the_latest_state_of_institutions_stands
        figures::flows_are_counted_money_by_institution_and_month
        figures::flows_and_excluded_refunds_together_are_the_figures
        figures::changed_months_are_those_with_newer_cells
        registry::every_kind_comes_back_exactly_also_as_an_earlier_version_had_it
        registry::a_fix_heals_the_past_and_leaves_the_earlier_version_as_it_was
        registry::exported_files_change_nothing_here_and_all_of_it_elsewhere
        registry::rows_of_any_kind_without_their_version_are_never_seen
        rows::facts_come_back_exactly
        rows::cells_come_back_exactly
        rows::the_ledger_comes_back_exactly
        rows::an_older_row_that_comes_late_loses
        rows::known_ids_answer_every_pair_asked_for
        rows::a_torn_payment_is_an_error
        rows::a_server_that_is_away_is_retried_and_a_missing_table_stops
        views::every_example_of_the_cookbook_and_of_the_first_page_shows_something
        views::a_trend_is_the_difference_to_the_month_before_and_nothing_over_a_gap
        views::sources_that_disagree_about_an_amount_are_shown
        views::what_is_wrong_with_single_payments_is_told_with_its_place
        views::an_institution_improves_from_one_half_year_to_the_next_with_gaps_imputed
        views::the_parts_of_every_breakdown_add_up
        views::reasons_outside_education_tell_nothing_of_health
        views::units_are_those_of_the_day_up_to_the_province_of_the_day
        views::no_small_cell_can_be_read_or_computed_from_what_is_published
        views::the_state_of_a_declared_month_is_told
        rights::grants_on_what_is_published_suffice_for_the_figures_and_open_no_payments
        views::every_column_of_an_analysts_view_has_a_comment_and_the_rights_of_its_definer
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}
