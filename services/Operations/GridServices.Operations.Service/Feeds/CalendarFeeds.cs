using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Feeds;

/// <summary>Secret addresses by which a person's calendar program reads the events that the person sees; one per person, kept as a hash, gone when revoked.</summary>
internal sealed class CalendarFeeds(Store store, UserStore users, EventStore events, SiteStore sites, SettingsStore settings, IClock clock)
{
    private const int SecretBytes = 32;
    private static readonly Duration Back = Duration.FromDays(60);

    internal async Task<bool> HasAsync(string tenant, string userId, CancellationToken ct) =>
        await store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM calendar_feeds WHERE tenant = @tenant AND user_id = @userId", new { tenant, userId }), ct) > 0;

    /// <summary>A new address in place of the one before; shown once.</summary>
    internal static async Task<string> IssueAsync(AuditedTransaction transaction, string userId)
    {
        await RemoveAsync(transaction, userId);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO calendar_feeds (token_hash, tenant, user_id, created_at) VALUES (@hash, @Tenant, @userId, @Now)", new { hash = ComputeHash(token), transaction.Actor.Tenant, userId, transaction.Now }, transaction.Tx);
        await transaction.AuditAsync("user", userId, "calendarFeedMade", null, null);
        return token;
    }

    internal static async Task RevokeAsync(AuditedTransaction transaction, string userId)
    {
        await RemoveAsync(transaction, userId);
        await transaction.AuditAsync("user", userId, "calendarFeedRevoked", null, null);
    }

    /// <summary>The calendar behind an address, with what its person may see now; null: there is none, or the person may not sign in any more.</summary>
    internal async Task<string?> ReadAsync(string token, CancellationToken ct)
    {
        var owner = await store.ReadAsync(db => db.QuerySingleOrDefaultAsync<(string Tenant, string UserId)?>("SELECT tenant, user_id FROM calendar_feeds WHERE token_hash = @hash", new { hash = ComputeHash(token) }), ct);
        if (owner is not var (tenant, userId) || await users.FindAsync(tenant, userId, ct) is not { Disabled: false } user)
        {
            return null;
        }

        var access = (await settings.GetAsync(tenant, ct)).Access;
        var shown = await sites.ShownAsync(tenant, AccessRules.Filter(user.Grants, UserPermission.SeeSites, access), ct);
        var t = new TextSet(Language.Find(user.Language) ?? Language.English);
        var held = await events.ListEndingAfterAsync(tenant, clock.GetCurrentInstant() - Back, ct);
        return CalendarFeed.Write("GridServices", held.Select(e => CreateEntry(e, shown, t)).OfType<CalendarEntry>());
    }

    private static CalendarEntry? CreateEntry(HeldEvent held, IReadOnlySet<string>? shown, TextSet t)
    {
        var own = held.Event.Sites.Where(s => shown is null || shown.Contains(s.SiteId)).ToList();
        return shown is not null && own.Count == 0 ? null : new CalendarEntry(
            held.Id, held.Event.From, held.Event.Until, held.Event.TemplateCode ?? held.Event.Program ?? held.Event.Source, $"{held.Event.Source}\n{t["opt.sites"]}: {string.Join(", ", own.Select(s => s.SiteId))}",
            held.Event.CancelledAt is not null, Math.Max(0, held.Version - 1), held.Event.Current.ToldAt);
    }

    private static Task<int> RemoveAsync(AuditedTransaction transaction, string userId) =>
        transaction.Tx.Connection!.ExecuteAsync("DELETE FROM calendar_feeds WHERE tenant = @Tenant AND user_id = @userId", new { transaction.Actor.Tenant, userId }, transaction.Tx);

    private static string ComputeHash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
