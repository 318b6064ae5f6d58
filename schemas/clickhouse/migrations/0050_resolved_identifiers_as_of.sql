-- Which institution and purpose did an identifier have on a day, as known at a registry version?
CREATE OR REPLACE VIEW resolved_identifiers_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    visible AS (
        SELECT registry_version, digest FROM registry_versions FINAL
        WHERE registry_version <= {registry_version: UInt32}),
    -- Of each key, the rows of its highest visible version.
    identifier_rows AS (
        SELECT identifier, valid_from, valid_to, removed, institution_id, purpose FROM identifiers FINAL
        WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM visible)
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY identifier)),
    institution_rows AS (
        SELECT institution_id, valid_from, valid_to, removed, name, sector, institution_type, ownership, unit_code, unit_name,
               care_tier, scope, parent_id
        FROM institutions FINAL
        WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM visible)
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)),
    edges AS (
        SELECT institution_id, groupUniqArrayArray([valid_from, valid_to]) AS days
        FROM institution_rows WHERE removed = 0 GROUP BY institution_id),
    -- An identifier's interval is cut wherever its institution's attributes change.
    pieces AS (
        SELECT
            identifier_rows.identifier AS identifier,
            arrayJoin(arrayConcat(
                [identifier_rows.valid_from],
                arrayFilter(day -> day > identifier_rows.valid_from AND day < identifier_rows.valid_to, edges.days))) AS piece_from,
            identifier_rows.valid_to AS valid_to,
            identifier_rows.institution_id AS institution_id,
            identifier_rows.purpose AS purpose
        FROM identifier_rows
        LEFT JOIN edges ON edges.institution_id = identifier_rows.institution_id
        WHERE identifier_rows.removed = 0)
SELECT
    pieces.identifier AS identifier,
    pieces.piece_from AS valid_from,
    pieces.valid_to AS valid_to,
    toLowCardinality(pieces.institution_id) AS institution_id,
    pieces.purpose AS purpose,
    toLowCardinality(i.name) AS institution_name,
    toLowCardinality(i.sector) AS sector,
    toLowCardinality(i.institution_type) AS institution_type,
    toLowCardinality(i.ownership) AS ownership,
    toLowCardinality(i.unit_code) AS unit_code,
    toLowCardinality(i.unit_name) AS unit_name,
    toLowCardinality(i.care_tier) AS care_tier,
    toLowCardinality(i.scope) AS scope,
    toLowCardinality(i.parent_id) AS parent_id,
    -- One number to group by in place of ten texts.
    cityHash64(
        institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name, care_tier, scope, parent_id) AS description
FROM pieces
-- Money that arrives before an institution opens or after it closed is still its own: it is described as on its first day, or
-- by its last line.
ASOF LEFT JOIN (
    SELECT
        * EXCEPT valid_from,
        if(valid_from = min(valid_from) OVER (PARTITION BY institution_id), toDate(0), valid_from) AS described_from
    FROM institution_rows WHERE removed = 0) AS i
    ON i.institution_id = pieces.institution_id AND pieces.piece_from >= i.described_from
COMMENT 'Identifiers resolved to institutions by day, valid_to exclusive: resolved_identifiers_as_of(registry_version = N)'
