-- The two users that Flowmeter needs on a ClickHouse server of your own: one that migrates and writes, and one for dashboards
-- and people, who can only read and only for so long. Put passwords of your own in; run it as an administrator. On a cluster,
-- add ON CLUSTER to each statement, and grant the writer CLUSTER and REMOTE ON *.*.

-- An insert is acknowledged when it is stored, on whichever server of a cluster: the writer commits after that.
CREATE SETTINGS PROFILE IF NOT EXISTS flowmeter_writer SETTINGS async_insert = 0, distributed_foreground_insert = 1;

-- readonly is 2 and not 1, because drivers set settings of their own. Grafana's ClickHouse plugin asks for 5 s more than the
-- query timeout of its data source, which is 60 s by default: 75 s leaves room for that.
CREATE SETTINGS PROFILE IF NOT EXISTS flowmeter_reader SETTINGS
    readonly = 2,
    max_execution_time = 60 MIN 1 MAX 75,
    max_memory_usage = 2147483648 MIN 1 MAX 2147483648,
    distributed_product_mode = 'global';

CREATE USER IF NOT EXISTS flowmeter_writer IDENTIFIED WITH sha256_password BY 'a password of your own'
    SETTINGS PROFILE 'flowmeter_writer';
GRANT ALL ON flowmeter.* TO flowmeter_writer;
GRANT TABLE ENGINE ON * TO flowmeter_writer;
GRANT SELECT ON system.* TO flowmeter_writer;
GRANT CREATE FUNCTION, DROP FUNCTION ON *.* TO flowmeter_writer;

CREATE USER IF NOT EXISTS flowmeter_reader IDENTIFIED WITH sha256_password BY 'another password'
    SETTINGS PROFILE 'flowmeter_reader';
GRANT SELECT ON flowmeter.* TO flowmeter_reader;
GRANT SELECT ON information_schema.* TO flowmeter_reader;
