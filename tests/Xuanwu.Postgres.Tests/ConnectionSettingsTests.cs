namespace Xuanwu.Postgres.Tests;

public sealed class ConnectionSettingsTests
{
    [Fact]
    public void Both_forms_are_read()
    {
        var url = ConnectionSettings.Parse(
            "postgres://me:p%40ss@db.example:5433/xuanwu?sslmode=verify-full&application_name=me");
        Assert.Equal(("db.example", 5433, "xuanwu", "me", "p@ss"),
            (url.Host, url.Port, url.Database, url.Username, url.Password));
        Assert.Equal(Npgsql.SslMode.VerifyFull, url.SslMode);
        Assert.Equal("db", ConnectionSettings.Parse("Host=db;Database=x").Host);
    }

    [Fact]
    public void A_text_of_neither_form_is_refused_without_repeating_it()
    {
        foreach (var text in new[] { "hunter2", "postgres://u:hunter2@:x:/", "Hots=hunter2" })
        {
            var error = Assert.Throws<FormatException>(() => ConnectionSettings.Parse(text));
            Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_never_prints_its_password()
    {
        await using var database = new Database("Host=db;Username=me;Password=hunter2;Database=x");
        Assert.Equal("db:5432/x", database.ToString());
    }
}
