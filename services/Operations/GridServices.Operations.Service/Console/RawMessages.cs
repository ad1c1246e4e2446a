using System.Text.Json;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console;

/// <summary>A message exchanged with a utility, as the protocol service keeps it.</summary>
/// <param name="At">When it was exchanged.</param>
/// <param name="Through">The VEN or client.</param>
/// <param name="Direction">sent or received.</param>
/// <param name="What">The message's name, or method and address.</param>
/// <param name="Status">Of HTTP.</param>
/// <param name="Sha256">Of the message, hex.</param>
/// <param name="Problem">What went wrong.</param>
/// <param name="Text">As it was on the wire.</param>
internal sealed record RawMessage(Instant At, string Through, string Direction, string What, int? Status, string? Sha256, string? Problem, string? Text);

/// <summary>What was read of the journals; sources that could not be read are named.</summary>
internal sealed record RawMessagePage(IReadOnlyList<RawMessage> Items, IReadOnlyList<string> Unread);

/// <summary>Reads the message journals of the protocol services for an enrollment, newest first.</summary>
internal sealed class RawMessages(ServiceDocumentStore documents, EnrollmentStore enrollments, SiteStore sites, ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee)
{
    private const int PerSource = 100;
    private const int MostPages = 10;
    private static readonly Duration Slack = Duration.FromMinutes(1);

    /// <param name="enrollment">Whose.</param>
    /// <param name="mayRead">Whether the reader may see records of a site: a VEN that serves other sites too is shown only to who may see all of them.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<RawMessagePage> ReadAsync(Enrollment enrollment, Func<Site, bool> mayRead, CancellationToken ct)
    {
        var (items, unread) = (new List<RawMessage>(), new List<string>());
        foreach (var source in await SourcesAsync(enrollment, mayRead, ct))
        {
            var (some, _, isRead) = await PageAsync(enrollment.Tenant, source, null, ct);
            items.AddRange(some);
            unread.AddRange(isRead ? [] : [source.Key]);
        }

        return new RawMessagePage([.. items.OrderByDescending(m => m.At)], unread);
    }

    /// <summary>What was said of one event: messages whose SHA-256 the event names, and those in which the utility's name of it stands.</summary>
    /// <param name="e">Which.</param>
    /// <param name="sites">Of the event, those that the reader may see the records of.</param>
    /// <param name="mayRead">As of <see cref="ReadAsync"/>.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<RawMessagePage> ReadEventAsync(Event e, IEnumerable<EventSite> sites, Func<Site, bool> mayRead, CancellationToken ct)
    {
        var hashes = e.Revisions.SelectMany(r => r.Messages).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var name = e.Source[(e.Source.LastIndexOf('/') + 1)..];
        var (items, unread, seen) = (new List<RawMessage>(), new SortedSet<string>(StringComparer.Ordinal), new HashSet<Source>());
        foreach (var id in sites.Select(s => s.EnrollmentId).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            foreach (var source in await enrollments.FindAsync(e.Tenant, id, ct) is { } enrollment ? await SourcesAsync(enrollment, mayRead, ct) : [])
            {
                if (seen.Add(source))
                {
                    var isRead = await BackAsync(e, source, m => (m.Sha256 is { } hash && hashes.Contains(hash)) || m.Text?.Contains(name, StringComparison.Ordinal) == true, items, ct);
                    unread.UnionWith(isRead ? [] : [source.Key]);
                }
            }
        }

        return new RawMessagePage([.. items.OrderByDescending(m => m.At)], [.. unread]);
    }

    /// <summary>Reads a journal back to when the event was announced, or as far as is read at once.</summary>
    private async Task<bool> BackAsync(Event e, Source source, Func<RawMessage, bool> isOfEvent, List<RawMessage> items, CancellationToken ct)
    {
        string? before = null;
        for (var page = 0; page < MostPages; page++)
        {
            var (some, next, isRead) = await PageAsync(e.Tenant, source, before, ct);
            items.AddRange(some.Where(isOfEvent));
            if (!isRead || next is null || some.Any(m => m.At < e.AnnouncedAt - Slack))
            {
                return isRead;
            }

            before = next;
        }

        return true;
    }

    /// <summary>The VENs and clients of an enrollment whose messages the reader may see.</summary>
    private async Task<IReadOnlyList<Source>> SourcesAsync(Enrollment enrollment, Func<Site, bool> mayRead, CancellationToken ct)
    {
        var sources = new List<Source>();
        foreach (var row in (await documents.ListByEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Where(d => d.ServiceName is ProvisionedService.OpenAdr or ProvisionedService.Ieee2030Dot5))
        {
            if (await MayReadAsync(enrollment.Tenant, row.Path, mayRead, ct))
            {
                sources.Add(new Source(row.ServiceName, Uri.UnescapeDataString(row.Path[(row.Path.LastIndexOf('/') + 1)..])));
            }
        }

        return sources;
    }

    private async Task<(IReadOnlyList<RawMessage> Items, string? Next, bool IsRead)> PageAsync(string tenant, Source source, string? before, CancellationToken ct)
    {
        var reply = source.Service == ProvisionedService.OpenAdr
            ? await calls.CallAsync(ServiceName.OpenAdr, tenant, token => openAdr.ListMessagesAsync(token, source.Key, before, PerSource, ct), ct)
            : await calls.CallAsync(ServiceName.Ieee2030Dot5, tenant, token => ieee.ListMessagesAsync(token, source.Key, before, PerSource, ct), ct);
        return reply.IsDone
            ? ([.. reply.Value.GetProperty("messages").EnumerateArray().Select(m => ReadMessage(source.Key, m))], Text(reply.Value, "next"), true)
            : ([], null, false);
    }

    private async Task<bool> MayReadAsync(string tenant, string path, Func<Site, bool> mayRead, CancellationToken ct)
    {
        foreach (var id in await documents.ListEnrollmentsAsync(tenant, path, ct))
        {
            if (await enrollments.FindAsync(tenant, id, ct) is not { } other || await sites.FindBySiteIdAsync(tenant, other.SiteId, ct) is not { } site || !mayRead(site))
            {
                return false;
            }
        }

        return true;
    }

    private static RawMessage ReadMessage(string key, JsonElement m) => new(
        InstantPattern.ExtendedIso.Parse(Text(m, "at")!).Value, key, Text(m, "direction") ?? string.Empty, Text(m, "message") ?? $"{Text(m, "method")} {Text(m, "href")}".Trim(),
        m.TryGetProperty("httpStatus", out var status) && status.TryGetInt32(out var number) ? number : null, Text(m, "sha256"), Text(m, "problem"),
        string.Join("\n\n", new[] { Text(m, "xml"), Text(m, "request"), Text(m, "response") }.OfType<string>()));

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A VEN or client at its service.</summary>
    private sealed record Source(ProvisionedService Service, string Key);
}
