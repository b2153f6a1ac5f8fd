using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What <see cref="SentSql"/> would find, and that it looks.</summary>
public sealed class SqlRuleTests
{
    [Theory]
    [InlineData("MERGE INTO eis_data.t1_0 t USING eis_stage.s n ON t.f1 = n.f1 WHEN MATCHED THEN DO NOTHING", "MERGE is not in PostgreSQL 14")]
    [InlineData("CREATE TEMP TABLE eis_stage.s (f1 bigint)", "a temporary table is a session's, and cannot be placed")]
    [InlineData("SELECT pg_advisory_lock(1)", "an advisory lock of a session")]
    [InlineData("LOCK TABLE eis_data.t1_0 IN SHARE MODE", "a lock on a table")]
    [InlineData("INSERT INTO eis.import (sequence) VALUES (nextval('eis.numbers'))", "a sequence")]
    [InlineData("CREATE TABLE eis.x (id bigint GENERATED ALWAYS AS IDENTITY)", "a sequence")]
    [InlineData("SET work_mem = '8MB'", "a setting of a session")]
    [InlineData("DECLARE c CURSOR FOR SELECT 1", "something of a session")]
    [InlineData("INSERT INTO eis.lease (name, head) VALUES ($1, (SELECT min(sequence) FROM eis.import))", "a query in VALUES")]
    [InlineData("UPDATE eis_data.t1_0 SET f1 = clock_timestamp()", "a value in UPDATE that is another one on each server")]
    [InlineData("SELECT f1 FROM eis_data.t1_0 WHERE import IN (SELECT sequence FROM eis.import)", "the catalog, which is the coordinator's, in one statement with records")]
    [InlineData("SELECT document FROM import WHERE id = $1", "import is not qualified")]
    [InlineData("DELETE FROM eis_data.t1_0 t USING \"s\" n WHERE t.f1 = n.f1", "\"s\" is not qualified")]
    [InlineData("SELECT 1; DROP TABLE IF EXISTS x", "x is not qualified")]
    public void A_statement_that_would_not_run_everywhere_is_found(string sql, string broken) => Assert.Equal(broken, SqlRules.Check(sql));

    [Theory]
    [InlineData("WITH found AS (SELECT 1 FROM eis.lease FOR UPDATE SKIP LOCKED) UPDATE eis.lease l SET epoch = l.epoch + 1 FROM found WHERE l.head IS DISTINCT FROM l.import")]
    [InlineData("INSERT INTO eis.import (id) SELECT unnest($1) ON CONFLICT (id) DO UPDATE SET state = 'MERGE INTO temp'")]
    [InlineData("SELECT extract(epoch FROM expires_at) FROM eis.lease -- LOCK TABLE x")]
    public void A_statement_that_runs_everywhere_is_not(string sql) => Assert.Null(SqlRules.Check(sql));

    [Fact]
    public async Task Statements_of_a_store_are_looked_at()
    {
        await using var engine = await Engine.StartAsync();
        var before = SentSql.Count;
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""");
        Assert.True(SentSql.Count > before);
    }
}
