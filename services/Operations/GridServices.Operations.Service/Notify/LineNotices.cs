using System.Security.Cryptography;
using System.Text;
using GridServices.Hosting.Jobs;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Import;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Reconcile;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>What there is to tell of services, lines to utilities, settings changed by hand, billing runs and imports.</summary>
internal sealed class LineNotices(
    Observations observations, ServiceAvailability availability, ServiceDocumentStore documents, ImportStore imports, OptScheduleStore schedules,
    PolledNotices polled, JobFailures failing)
{
    private const int AtOnce = 500;
    private const int Imports = 50;

    internal async Task<IReadOnlyList<Notice>> ReadAsync(string tenant, Instant back, CancellationToken ct)
    {
        var notices = new List<Notice>();
        notices.AddRange(availability.All(tenant).Where(s => s.Problem is not null && s.FailedSince is not null).Select(s => OfficeNotices.ServiceAway(s.Service.ToString(), s.FailedSince!.Value)));
        notices.AddRange(Lines(tenant));
        notices.AddRange((await imports.ListAsync(tenant, null, Imports, ct)).Where(i => !i.DryRun && i.EndedAt >= back).Select(i => OfficeNotices.ImportDone(i.Id, i.FileName, i.Applied, i.Errors, i.EndedAt!.Value)));
        notices.AddRange(await DriftAsync(tenant, ct));
        notices.AddRange((await schedules.ListAsync(tenant, ct)).Select(OfficeNotices.OptScheduleRefused).OfType<Notice>());
        notices.AddRange(failing.Current.Select(j => OfficeNotices.JobFailed(j.Name, j.Failures, j.Since, j.LastAt, j.Reason)).OfType<Notice>());
        notices.AddRange(polled.GetLatest(tenant).Where(n => n.At >= back));
        return notices;
    }

    /// <summary>VTNs and servers that are not heard, and registrations that are gone. What is not known, because our own service is away, is told as that.</summary>
    private IEnumerable<Notice> Lines(string tenant)
    {
        var view = observations.GetView(tenant);
        foreach (var (key, ven) in availability.UnknownSince(tenant, ServiceName.OpenAdr) is null ? view.Vens.ToArray() : [])
        {
            if (ven is { Status: "lost", LastHeardAt: { } heard })
            {
                yield return OfficeNotices.LineLost("openadr", key, heard);
            }

            if (ven.State == "registering" && ven.LastHeardAt is not null)
            {
                yield return OfficeNotices.RegistrationLost("openadr", key, ven.Since);
            }
        }

        foreach (var (key, client) in availability.UnknownSince(tenant, ServiceName.Ieee2030Dot5) is null ? view.Clients.ToArray() : [])
        {
            if (client is { Status: "lost", LastHeardAt: { } heard })
            {
                yield return OfficeNotices.LineLost("ieee2030-5", key, heard);
            }

            foreach (var (site, device) in client.Devices.Where(d => d.Value.Presence == "absent"))
            {
                yield return OfficeNotices.RegistrationLost("ieee2030-5", $"{key}/{site}", device.Since);
            }
        }
    }

    private async Task<IReadOnlyList<Notice>> DriftAsync(string tenant, CancellationToken ct)
    {
        var (notices, after) = (new List<Notice>(), string.Empty);
        while (await documents.ListAfterAsync(tenant, after, AtOnce, ct) is { Count: > 0 } some)
        {
            notices.AddRange(some.Where(d => d.FoundAt is not null).Select(d => OfficeNotices.Drift(d.Path, ComputeHash(d.Found ?? "deleted"), d.FoundAt!.Value)));
            after = some[^1].Path;
        }

        return notices;
    }

    private static string ComputeHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
