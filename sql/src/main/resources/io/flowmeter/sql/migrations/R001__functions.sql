-- Durations are kept in rollups as counts by log-scale bucket: key k holds (γ^(k−1), γ^k] ms with γ = 1.02, and 0 ms
-- has key −1. These functions are the one place in SQL that knows that scale.

-- The bucket of a duration in ms.
CREATE OR REPLACE FUNCTION flowmeter_bucket AS (ms) ->
    if(ms <= 0, toInt16(-1), toInt16(ceil(log(ms) / log(1.02))));

-- One duration, NULL or not, as buckets that hold it n times; sumMap adds them up to what a rollup holds.
CREATE OR REPLACE FUNCTION flowmeter_buckets AS (ms, n) ->
    if(isNull(ms),
       CAST(map(), 'Map(Int16, Int64)'),
       CAST(map(flowmeter_bucket(assumeNotNull(ms)), n), 'Map(Int16, Int64)'));

-- The longest whole number of ms that a bucket holds.
CREATE OR REPLACE FUNCTION flowmeter_bucket_upper_ms AS (bucket) ->
    if(bucket < 0, toInt64(0), toInt64(floor(pow(1.02, bucket))));

-- The value that stands for a bucket: nowhere in it is more than 1 % away (Masson, Rim, Lee: DDSketch, 2019, § 2.1).
CREATE OR REPLACE FUNCTION flowmeter_bucket_ms AS (bucket) ->
    if(bucket < 0, 0., 2 * pow(1.02, bucket) / 2.02);

-- The quantile q, from 0 to 1, of durations in ms; NULL where there are none. Of many rows: of their sumMap.
CREATE OR REPLACE FUNCTION flowmeter_quantile AS (buckets, q) ->
    if(arraySum(mapValues(buckets)) > 0,
       flowmeter_bucket_ms(arrayElement(
           mapKeys(mapSort(buckets)),
           arrayFirstIndex(below -> below > q * (arraySum(mapValues(buckets)) - 1),
                           arrayCumSum(mapValues(mapSort(buckets)))))),
       NULL);

-- The longest of durations in ms, as the highest bucket that is not empty tells it; NULL where there are none.
CREATE OR REPLACE FUNCTION flowmeter_longest_ms AS (buckets) ->
    if(arrayExists(n -> n > 0, mapValues(buckets)),
       flowmeter_bucket_upper_ms(
           arrayMax((bucket, n) -> if(n > 0, bucket, toInt16(-1)), mapKeys(buckets), mapValues(buckets))),
       NULL);

-- How many durations are certainly longer than ms: those in buckets above its own.
CREATE OR REPLACE FUNCTION flowmeter_longer_than AS (buckets, ms) ->
    arraySum((bucket, n) -> if(bucket > flowmeter_bucket(ms), n, 0), mapKeys(buckets), mapValues(buckets));

-- Comparing shares. Counts are of what was looked at, so that a weighted estimate is not taken for more than it rests on.

-- ln of n over k.
CREATE OR REPLACE FUNCTION flowmeter_ln_choose AS (n, k) -> lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);

-- The probability that at least hits of the hits + other_hits fall on a group of n by mere chance, beside one of other_n:
-- Fisher's exact test, one-sided, right for counts of any size. Terms beyond six standard deviations above what chance gives
-- (of the hypergeometric distribution) are left out, and those beyond 4,000, which is no loss where the group's share is the
-- higher one. What all terms share is worked out once.
CREATE OR REPLACE FUNCTION flowmeter_last_term AS (hits, n, other_hits, other_n) ->
    toUInt64(greatest(hits, least(
        n,
        hits + other_hits,
        hits + 4000,
        toInt64(greatest(toFloat64(hits), (hits + other_hits) * n / (n + other_n)) + 40
                + 6 * sqrt((hits + other_hits) * n / (n + other_n) * other_n / (n + other_n))))));
CREATE OR REPLACE FUNCTION flowmeter_chance AS (hits, n, other_hits, other_n) ->
    if(hits <= 0,
       1.,
       least(1., arraySum(
           (k, shared) -> exp(shared - lgamma(k + 1) - lgamma(n - k + 1)
                              - lgamma(hits + other_hits - k + 1) - lgamma(other_n - hits - other_hits + k + 1)),
           range(toUInt64(greatest(hits, 0)), flowmeter_last_term(hits, n, other_hits, other_n) + 1),
           arrayWithConstant(
               flowmeter_last_term(hits, n, other_hits, other_n) + 1 - toUInt64(greatest(hits, 0)),
               lgamma(n + 1) + lgamma(other_n + 1) - flowmeter_ln_choose(n + other_n, hits + other_hits)))));

-- The interval that holds a share with 95 %, when hits of n were counted (Wilson's score interval); NULL of nothing.
CREATE OR REPLACE FUNCTION flowmeter_share_low AS (share, n) ->
    if(n > 0,
       greatest(0., (share + 1.9208 / n - 1.96 * sqrt((share * (1 - share) + 0.9604 / n) / n)) / (1 + 3.8416 / n)),
       NULL);
CREATE OR REPLACE FUNCTION flowmeter_share_high AS (share, n) ->
    if(n > 0,
       least(1., (share + 1.9208 / n + 1.96 * sqrt((share * (1 - share) + 0.9604 / n) / n)) / (1 + 3.8416 / n)),
       NULL);

-- Steps of runs.

-- The longest that a step usually takes, in ms: Tukey's outer fence for durations, whose logarithms spread evenly, and twice q3 at
-- least. Such a fence does not move with the outliers themselves. Quartiles count as 10 ms at least: of shorter ones, whole
-- milliseconds tell no ratio.
CREATE OR REPLACE FUNCTION flowmeter_outlier_fence AS (q1, q3) ->
    greatest(10., assumeNotNull(q3)) * greatest(2, pow(greatest(10., assumeNotNull(q3)) / greatest(10., assumeNotNull(q1)), 3));

-- A run's critical path, of its steps as (start, end, step, type), times in ms: as (step, type, ms). Back from the run's end, it is the
-- step that ended last, then the one that ended last before that began, and so on.
CREATE OR REPLACE FUNCTION flowmeter_critical_path AS (steps) ->
    arrayFold(
        (path, s) -> if(s.2 <= path.1, (s.1, arrayPushBack(path.2, (s.3, s.4, s.2 - s.1))), path),
        arraySort(s -> (-s.2, s.1), steps),
        (toInt64(9223372036854775807), CAST([], 'Array(Tuple(String, String, Int64))'))).2;
