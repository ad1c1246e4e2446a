using System.Net;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>A PostgreSQL that is there and lets nobody in, or lacks tables, as one that fails over does before it is whole again: no process ends for it.</summary>
public sealed class RefusedLoginTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_that_may_not_log_in_for_a_while_is_a_store_that_is_away_for_a_while()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var role = await TestRole.CreateAsync(place);
        await using var store = new Store(place.Options with { OneWriter = true, PostgreSql = role.ConnectionString }, [typeof(StoreTests).Assembly]);
        await store.ReachAsync(Ct);
        Assert.True(await store.TryOwnAsync(Ct));
        await role.RefuseAsync();

        Task[] asked = [store.OwnsAsync(Ct), store.ReadAsync(db => db.ExecuteAsync("SELECT 1"), Ct), store.WriteAsync(tx => tx.Connection!.ExecuteAsync("SELECT 1", transaction: tx), Ct)];
        foreach (var one in asked)
        {
            var away = await Assert.ThrowsAsync<StoreUnavailableException>(() => one);
            Assert.Contains("(28000)", away.Message, StringComparison.Ordinal);
        }

        await role.AdmitAsync();
        Assert.True(await store.OwnsAsync(Ct));
        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("SELECT 1", transaction: tx), Ct);
    }

    [Fact]
    public async Task A_service_whose_role_may_not_log_in_for_a_while_lives_on_and_so_does_its_stand_by()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var role = await TestRole.CreateAsync(place);
        await using var first = await StartAsync(place, role);
        await using var second = await StartAsync(place, role);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(first));

        first.App.Services.GetRequiredService<Standby>().Silence = TimeSpan.FromSeconds(3);
        var doubt = first.App.Services.GetRequiredService<Standby>().Doubt;
        await role.RefuseAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await WriteAsync(first));
        await Until.HoldsAsync(() => Waits(second).Contains("(28000)", StringComparison.Ordinal) || HasFailed(second));
        await Until.HoldsAsync(() => doubt.IsCancellationRequested || HasFailed(first));
        Assert.False(HasFailed(first) || HasFailed(second));

        first.App.Services.GetRequiredService<Standby>().Silence = TimeSpan.FromMinutes(5);
        await role.AdmitAsync();

        // Whichever has the right now; one that takes it over finds its connections of before broken.
        await Until.HoldsAsync(async () => HasFailed(second) || await WriteAsync(first) == HttpStatusCode.OK || await WriteAsync(second) == HttpStatusCode.OK, holds => holds);
        Assert.False(HasFailed(second));
    }

    [Fact]
    public async Task A_stand_by_that_finds_a_table_missing_waits_and_takes_over_once_it_is_there()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var first = await ServiceApp.StartAsync(SampleApp.Build, place);
        await using var second = await ServiceApp.StartAsync(SampleApp.Build, place);
        await place.SqlAsync("ALTER TABLE store_owner RENAME TO store_owner_away");
        await Until.HoldsAsync(() => Waits(second).Contains("42P01", StringComparison.Ordinal) || HasFailed(second));
        Assert.False(HasFailed(second));

        await place.SqlAsync("ALTER TABLE store_owner_away RENAME TO store_owner");
        await first.DisposeAsync();
        await Until.HoldsAsync(() => Waits(second).Length == 0);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(second));
    }

    private static Task<ServiceApp> StartAsync(TestStore place, TestRole role) => ServiceApp.StartAsync(SampleApp.Build, place, $"--Storage:PostgreSql={role.ConnectionString}");

    private static string Waits(ServiceApp service) => service.App.Services.GetRequiredService<Standby>().WaitsFor ?? string.Empty;

    private static bool HasFailed(ServiceApp service) => service.App.Services.GetRequiredService<Standby>().Fault is not null;

    private static async Task<HttpStatusCode> WriteAsync(ServiceApp service)
    {
        using var client = service.Client(service.Tokens.Operator);
        try
        {
            using var answer = await client.PostAsync("/v1/notes", null, Ct);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable; // In doubt, or overtaken and ended: an answer under way is cut.
        }
    }

    /// <summary>A role of the test's own, which owns the schema and can be kept out.</summary>
    private sealed class TestRole(TestStore place, string name) : IAsyncDisposable
    {
        public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(place.Options.PostgreSql) { Username = name, Password = name }.ToString();

        public static async Task<TestRole> CreateAsync(TestStore place)
        {
            var role = new TestRole(place, "r" + place.Schema);
            await role.SqlAsync($"CREATE ROLE {{0}} LOGIN PASSWORD '{role.Name}'; GRANT {{0}} TO CURRENT_USER; CREATE SCHEMA {place.Schema} AUTHORIZATION {{0}}");
            var database = (await place.SqlAsync("SELECT quote_ident(current_database())"))[0];
            await role.SqlAsync($"GRANT CREATE ON DATABASE {database} TO {{0}}");
            return role;
        }

        private string Name => name;

        public async Task RefuseAsync()
        {
            await SqlAsync("ALTER ROLE {0} NOLOGIN");
            await SqlAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'");
            await Until.HoldsAsync(async () => (await place.SqlAsync($"SELECT COUNT(*) FROM pg_stat_activity WHERE usename = '{name}'"))[0], left => left == "0");
        }

        public async Task AdmitAsync() => await SqlAsync("ALTER ROLE {0} LOGIN");

        public async ValueTask DisposeAsync()
        {
            await RefuseAsync();
            await SqlAsync("DROP OWNED BY {0} CASCADE; DROP ROLE {0}");
        }

        private Task<IReadOnlyList<string>> SqlAsync(string sql) => place.SqlAsync(sql.Replace("{0}", name, StringComparison.Ordinal));
    }
}
