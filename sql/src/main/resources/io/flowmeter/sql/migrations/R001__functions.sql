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

-- The interval that holds a share with 95 %, when hits of n were counted (Wilson's score interval); NULL of nothing.
CREATE OR REPLACE FUNCTION flowmeter_share_low AS (share, n) ->
    if(n > 0,
       greatest(0., (share + 1.9208 / n - 1.96 * sqrt((share * (1 - share) + 0.9604 / n) / n)) / (1 + 3.8416 / n)),
       NULL);
CREATE OR REPLACE FUNCTION flowmeter_share_high AS (share, n) ->
    if(n > 0,
       least(1., (share + 1.9208 / n + 1.96 * sqrt((share * (1 - share) + 0.9604 / n) / n)) / (1 + 3.8416 / n)),
       NULL);
