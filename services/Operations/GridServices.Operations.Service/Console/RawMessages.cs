using System.Text.Json;
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

    /// <param name="enrollment">Whose.</param>
    /// <param name="mayRead">Whether the reader may see records of a site: a VEN that serves other sites too is shown only to who may see all of them.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<RawMessagePage> OfAsync(Enrollment enrollment, Func<Site, bool> mayRead, CancellationToken ct)
    {
        var (items, unread) = (new List<RawMessage>(), new List<string>());
        foreach (var row in (await documents.OfEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Where(d => d.ServiceName is ProvisionedService.OpenAdr or ProvisionedService.Ieee2030Dot5))
        {
            if (!await MayReadAsync(enrollment.Tenant, row.Path, mayRead, ct))
            {
                continue;
            }

            var key = Uri.UnescapeDataString(row.Path[(row.Path.LastIndexOf('/') + 1)..]);
            var reply = row.ServiceName == ProvisionedService.OpenAdr
                ? await calls.CallAsync(ServiceName.OpenAdr, enrollment.Tenant, token => openAdr.ListMessagesAsync(token, key, null, PerSource, ct), ct)
                : await calls.CallAsync(ServiceName.Ieee2030Dot5, enrollment.Tenant, token => ieee.ListMessagesAsync(token, key, null, PerSource, ct), ct);
            if (reply.IsDone)
            {
                items.AddRange(reply.Value.GetProperty("messages").EnumerateArray().Select(m => Of(key, m)));
            }
            else
            {
                unread.Add(key);
            }
        }

        return new RawMessagePage([.. items.OrderByDescending(m => m.At)], unread);
    }

    private async Task<bool> MayReadAsync(string tenant, string path, Func<Site, bool> mayRead, CancellationToken ct)
    {
        foreach (var id in await documents.EnrollmentsOfAsync(tenant, path, ct))
        {
            if (await enrollments.OneAsync(tenant, id, ct) is not { } other || await sites.BySiteIdAsync(tenant, other.SiteId, ct) is not { } site || !mayRead(site))
            {
                return false;
            }
        }

        return true;
    }

    private static RawMessage Of(string key, JsonElement m) => new(
        InstantPattern.ExtendedIso.Parse(Text(m, "at")!).Value, key, Text(m, "direction") ?? string.Empty, Text(m, "message") ?? $"{Text(m, "method")} {Text(m, "href")}".Trim(),
        m.TryGetProperty("httpStatus", out var status) && status.TryGetInt32(out var number) ? number : null, Text(m, "sha256"), Text(m, "problem"),
        string.Join("\n\n", new[] { Text(m, "xml"), Text(m, "request"), Text(m, "response") }.OfType<string>()));

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
