using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>What a tenant has decided for itself.</summary>
internal sealed record TenantSettings
{
    public AccessSettings Access { get; init; } = new();

    public TwoPersonRule TwoPerson { get; init; } = new(Enabled: false);

    /// <summary>BCP 47; for texts to people whose language is not known.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The continuous-load rule is the site's; this is whether the limit of the connection is published at all.</summary>
    public bool PublishConnectionLimit { get; init; } = true;

    /// <summary>How long the audit is kept.</summary>
    public int AuditYears { get; init; } = 7;

    /// <summary>How long messages to people and deliveries to webhooks are listed, and usable or used links to acknowledge by are known, days.</summary>
    public int DeliveryDays { get; init; } = 400;

    /// <summary>Reasons that people are offered when they opt; empty = all of OpenADR's.</summary>
    public ValueList<OptReason> OptReasons { get; init; } = [];

    /// <summary>How long a primary contact has to acknowledge before the backup contact is told, minutes.</summary>
    public int AcknowledgeMinutes { get; init; } = 15;

    /// <summary>When, by each contact's clock, what can wait is told in one message; null = each by itself.</summary>
    public LocalTime? DigestAt { get; init; }

    /// <summary>From 1; 0 = never saved.</summary>
    public int Version { get; init; }
}

/// <summary>Settings of tenants.</summary>
internal sealed class SettingsStore(Store store)
{
    internal Task<TenantSettings> GetAsync(string tenant, CancellationToken ct = default) => store.ReadAsync(db => ReadAsync(db, null, tenant), ct);

    internal static Task<TenantSettings> GetAsync(DbTransaction tx, string tenant) => ReadAsync(tx.Connection!, tx, tenant);

    /// <exception cref="GridServices.Hosting.Refusals.ProblemException">412: saved by somebody else in between.</exception>
    internal static async Task<TenantSettings> SaveAsync(AuditedTransaction transaction, TenantSettings settings)
    {
        var held = await GetAsync(transaction.Tx, transaction.Actor.Tenant);
        if (held.Version != settings.Version)
        {
            throw EntityTags.Mismatch("The settings were changed since. Read them again, then send the change again.");
        }

        var next = settings with { Version = held.Version + 1 };
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO tenant_settings (tenant, body, updated_at) VALUES (@Tenant, @body, @Now) ON CONFLICT (tenant) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
            new { transaction.Actor.Tenant, body = Json(next), transaction.Now },
            transaction.Tx);
        await transaction.AuditAsync("settings", transaction.Actor.Tenant, "changed", Json(held), Json(next));
        return next;
    }

    private static async Task<TenantSettings> ReadAsync(DbConnection db, DbTransaction? tx, string tenant) =>
        await db.QuerySingleOrDefaultAsync<string>("SELECT body FROM tenant_settings WHERE tenant = @tenant", new { tenant }, tx) is { } body
            ? StoredJson.Read<TenantSettings>(body)
            : new TenantSettings();

    private static string Json(TenantSettings settings) => StoredJson.Write(settings);
}
