using System.Collections.Concurrent;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;

namespace GridServices.Hosting;

/// <summary>
/// Hangfire's storage of one service, opened when it is first needed. It is the service's own and never Hangfire's static one: several services can be in one process.
/// </summary>
internal sealed class JobStore(JobOptions options, ServiceIdentity identity) : IDisposable
{
    private static readonly TimeSpan Invisibility = TimeSpan.FromMinutes(5);
    private readonly Lazy<JobStorage> _storage = new(() => Open(options, identity));

    internal JobStorage Storage => _storage.Value;

    /// <summary>Jobs that were asked for before they were planned: they run as soon as they are.</summary>
    internal ConcurrentDictionary<string, bool> Asked { get; } = new(StringComparer.Ordinal);

    public void Dispose()
    {
        if (_storage.IsValueCreated && _storage.Value is IDisposable storage)
        {
            storage.Dispose();
        }
    }

    private static JobStorage Open(JobOptions options, ServiceIdentity identity)
    {
        if (options.PostgreSql is not { Length: > 0 } connection)
        {
            return new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromDays(1) });
        }

        return new PostgreSqlStorage(
            new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(connection, PostgreSql(options, identity)),
            PostgreSql(options, identity));
    }

    private static PostgreSqlStorageOptions PostgreSql(JobOptions options, ServiceIdentity identity) => new()
    {
        SchemaName = options.Schema is { Length: > 0 } named ? named : identity.Name.Replace('-', '_') + "_jobs",
        PrepareSchemaIfNecessary = true,

        // Without it a job that takes longer than the timeout is started a second time.
        UseSlidingInvisibilityTimeout = true,
        InvisibilityTimeout = Invisibility,
    };
}
