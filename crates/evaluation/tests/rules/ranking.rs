//! Ranks among peers.

use cashless_registry::{Attribute, InstitutionType};
use serde_json::json;

use crate::world::{B, World};

fn ranked(schools: &[(&str, i64, i64)]) -> World {
    let mut world = World::january(">=", 50);
    for (id, paid, cash) in schools {
        world.school(id);
        world.paid(id, "2022-01", *paid, *paid);
        world.cash(id, "2022-01", B, *cash, *cash);
    }
    world
}

fn ranks(world: &World) -> Vec<(String, u32)> {
    world.evaluate().institutions.into_iter().map(|one| (one.institution_id, one.rank)).collect()
}

#[test]
fn the_score_is_fifty_thirty_ten_and_ten_points() {
    let mut world = ranked(&[("A", 50, 50)]);
    world.declarations[0].declaration.cash_dong = 150;
    for family in ["QR", "WEB"] {
        world.attribute("A", Attribute::MethodReady, family);
    }
    world.flows[0].all_fields_n = 20;
    // 50 × 50/100 + 30 × 50/200 + 10 × 2/4 + 10 × 20/50
    assert_eq!(world.standing("A").score_millionths, 41_500_000);
}

#[test]
fn equal_scores_share_a_rank_and_the_next_one_follows_without_a_gap() {
    let world = ranked(&[("A", 20, 80), ("B", 60, 40), ("C", 60, 40), ("D", 40, 60)]);
    let expected = [("A", 3), ("B", 1), ("C", 1), ("D", 2)].map(|(id, rank)| (id.to_owned(), rank));
    assert_eq!(ranks(&world), expected);
}

#[test]
fn only_peers_of_one_type_and_size_are_compared() {
    let mut world = ranked(&[("A", 20, 80)]);
    for (id, change) in [("LARGE", 800), ("PRESCHOOL", 100)] {
        let mut row = World::row();
        row.learners = change;
        if id == "PRESCHOOL" {
            row.institution_type = InstitutionType::Preschool;
        }
        world.institution(id, row);
        world.paid(id, "2022-01", 90, 90);
        world.cash(id, "2022-01", B, 10, 10);
    }
    assert!(ranks(&world).iter().all(|(_, rank)| *rank == 1));
    assert_eq!(world.standing("LARGE").size_band, "large");
}

#[test]
fn who_is_not_ranked_is_told_why() {
    let mut world = ranked(&[("RANKED", 15, 15), ("FEW", 15, 14)]);
    world.school("SILENT");
    world.paid("SILENT", "2022-01", 500, 500);
    let mut closed = World::row();
    closed.valid.to = crate::world::day("2022-01-20");
    world.institution("CLOSED", closed);
    world.cash("CLOSED", "2022-01", B, 100, 100);
    let reason = |id| world.standing(id).unranked_reason.map(|reason| reason.name());
    assert_eq!(reason("RANKED"), None);
    assert_eq!(reason("FEW"), Some("few_receipts"));
    assert_eq!(reason("SILENT"), Some("no_declaration"));
    assert_eq!(reason("CLOSED"), Some("not_active"));
    assert_eq!(world.standing("FEW").rank, 0);
}

#[test]
fn gaps_never_help() {
    let mut world = ranked(&[("HONEST", 50, 50), ("GAP", 50, 50)]);
    world.declarations.retain(|declared| declared.declaration.institution_id == "HONEST");
    let scores =
        |world: &World| (world.standing("HONEST").score_millionths, world.standing("GAP").score_millionths);
    let (honest, gap) = scores(&world);
    assert!(gap <= honest);
    world.declarations.clear();
    assert_eq!(scores(&world).1, 0, "no lower bound is no points");
}

#[test]
fn weights_and_the_smallest_number_of_receipts_are_data_of_the_plan() {
    let mut world = ranked(&[("A", 5, 5)]);
    world.plan["settings"] = json!({
        "ranking_receipts_min": 10,
        "ranking_weights": {"count_share": 100, "value_share": 0, "methods_ready": 0, "minimum_fields": 0},
    });
    let standing = world.standing("A");
    assert_eq!((standing.rank, standing.score_millionths), (1, 50_000_000));
}
