/**
 * What Flowmeter keeps in ClickHouse, and how it gets there: migrations as numbered SQL files, the
 * migrator that applies them, and the library of ready queries.
 */
package io.flowmeter.sql;
