using Npgsql;
using Xuanwu.Testing;

namespace Xuanwu.Postgres.Tests;

public sealed class MigrationsTests : IAsyncLifetime
{
    private static readonly Migration Cats = new("001_cats.sql", "CREATE TABLE xuanwu.cats (name text);");
    private static readonly Migration Dogs = new("002_dogs.sql", "CREATE TABLE xuanwu.dogs (name text);");
    private TestDatabase _empty = null!;

    public async Task InitializeAsync() =>
        _empty = await (await PostgresServer.SharedAsync()).CreateEmptyDatabaseAsync();

    public async Task DisposeAsync() => await _empty.DisposeAsync();

    [Fact]
    public async Task The_embedded_files_build_an_empty_database_once()
    {
        var database = _empty.Open();
        await database.MigrateAsync(CancellationToken.None);
        await database.MigrateAsync(CancellationToken.None);

        var applied = await _empty.ColumnAsync<string>("SELECT name FROM xuanwu.migrations ORDER BY name");
        Assert.Equal("001_kernel.sql", applied[0]);
        Assert.Equal(applied.Distinct(), applied);
        Assert.Equal(0L, await _empty.ScalarAsync<long>("SELECT count(*) FROM xuanwu.leases"));
    }

    [Fact]
    public async Task Nodes_that_start_together_take_turns()
    {
        var nodes = Enumerable.Range(0, 6).Select(_ => _empty.Open()).ToList();
        await Task.WhenAll(nodes.Select(node => node.MigrateAsync(CancellationToken.None)));
        Assert.Equal(1L, await _empty.ScalarAsync<long>(
            "SELECT count(*) FROM xuanwu.migrations WHERE name = '001_kernel.sql'"));
    }

    [Fact]
    public async Task Files_are_applied_in_the_order_of_their_numbers_and_only_the_missing_ones()
    {
        await using var source = NpgsqlDataSource.Create(_empty.ConnectionString);
        await new Migrations([Cats]).ApplyAsync(source, CancellationToken.None);
        await new Migrations([Dogs, Cats]).ApplyAsync(source, CancellationToken.None);
        Assert.Equal(["001_cats.sql", "002_dogs.sql"],
            await _empty.ColumnAsync<string>("SELECT name FROM xuanwu.migrations ORDER BY applied_at"));
    }

    [Fact]
    public async Task An_applied_file_that_changed_is_an_error_that_names_it()
    {
        await using var source = NpgsqlDataSource.Create(_empty.ConnectionString);
        await new Migrations([Cats]).ApplyAsync(source, CancellationToken.None);
        var changed = Cats with { Sql = Cats.Sql + " -- and more" };
        var error = await Assert.ThrowsAsync<SchemaMismatch>(
            () => new Migrations([changed]).ApplyAsync(source, CancellationToken.None));
        Assert.Contains("001_cats.sql", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_an_error_that_says_so()
    {
        await using var source = NpgsqlDataSource.Create(_empty.ConnectionString);
        await new Migrations([Cats, Dogs]).ApplyAsync(source, CancellationToken.None);
        var error = await Assert.ThrowsAsync<SchemaMismatch>(
            () => new Migrations([Cats]).ApplyAsync(source, CancellationToken.None));
        Assert.Contains("newer", error.Message, StringComparison.Ordinal);
        Assert.Contains("002_dogs.sql", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_behind_and_the_ones_before_it_stand()
    {
        await using var source = NpgsqlDataSource.Create(_empty.ConnectionString);
        var broken = new Migration("002_broken.sql", "CREATE TABLE xuanwu.half (x int); SELECT 1 / 0;");
        await Assert.ThrowsAsync<PostgresException>(
            () => new Migrations([Cats, broken]).ApplyAsync(source, CancellationToken.None));
        Assert.Equal(["001_cats.sql"], await _empty.ColumnAsync<string>("SELECT name FROM xuanwu.migrations"));
        Assert.Null(await _empty.ScalarAsync<string>("SELECT to_regclass('xuanwu.half')::text"));
    }

    [Fact]
    public void Line_ends_are_not_part_of_the_content()
    {
        var unix = new Migration("001_a.sql", "SELECT 1;\nSELECT 2;\n");
        Assert.Equal(unix.Hash, new Migration("001_a.sql", "SELECT 1;\r\nSELECT 2;\r\n").Hash);
    }
}
