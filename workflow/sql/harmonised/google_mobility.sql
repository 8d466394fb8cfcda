-- Google's places with the LAD code of the look-up; one row per place, day and measure.
with named as (
    select
        mobility.country_region_code,
        mobility.date,
        mobility.retail_and_recreation,
        mobility.grocery_and_pharmacy,
        mobility.parks,
        mobility.transit_stations,
        mobility.workplaces,
        mobility.residential,
        coalesce(renamed.lookup_sub_region_1, mobility.sub_region_1) as place_1,
        coalesce(renamed.lookup_sub_region_2, mobility.sub_region_2) as place_2,
        concat_ws(' / ', mobility.sub_region_1, mobility.sub_region_2) as place
    from google_mobility as mobility
    left join google_place_names as renamed
        on
            mobility.sub_region_1 is not distinct from renamed.sub_region_1
            and mobility.sub_region_2 is not distinct from renamed.sub_region_2
),

matched as (
    select
        named.place,
        named.date,
        named.retail_and_recreation,
        named.grocery_and_pharmacy,
        named.parks,
        named.transit_stations,
        named.workplaces,
        named.residential,
        places.lad_code as from_code,
        case
            when named.country_region_code <> 'GB' then 'other_country'
            when named.place_1 is null then 'national'
            when places.sub_region_1 is null then 'unknown'
            when places.lad_code is null then 'no_lad'
            when places.lad_code not like 'E%' then 'outside_england'
            else 'lad'
        end as status
    from named
    left join google_places as places
        on
            named.country_region_code = places.country_region_code
            and named.place_1 = places.sub_region_1
            and named.place_2 is not distinct from places.sub_region_2
),

final as (
    select
        place,
        status,
        from_code,
        date,
        measure,
        cast(value as bigint) as value
    from matched
    unpivot include nulls (
        value for measure in (
            retail_and_recreation, grocery_and_pharmacy, parks, transit_stations, workplaces,
            residential
        )
    )
)

select * from final
