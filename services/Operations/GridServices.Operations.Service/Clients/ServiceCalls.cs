using System.Text.Json;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>Calls a service for a tenant: with its token, bounded in time, and with what came of it noted on the <see cref="ServiceAvailability"/>.</summary>
internal sealed class ServiceCalls(ServiceTokens tokens, ServiceAvailability availability)
{
    internal const int PageSize = 1_000;

    /// <summary>Never throws for what a service or the network does.</summary>
    internal async Task<ServiceReply<T>> CallAsync<T>(ServiceName service, string tenant, Func<string, Task<ApiResponse<T>>> call, CancellationToken ct)
    {
        if (tokens.FindToken(service, tenant) is not { } token)
        {
            return ServiceReply.Away<T>($"no token for tenant '{tenant}' is configured (Services:{service}:Token)");
        }

        ServiceReply<T> reply;
        try
        {
            using var answer = await call(token);
            reply = ServiceReply.Read(answer);
        }
        catch (Exception fault) when (fault is HttpRequestException or ApiException or JsonException or IOException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            reply = ServiceReply.Away<T>(fault is OperationCanceledException ? "no answer in time" : fault.Message);
        }

        await availability.NoteAsync(tenant, service, reply.Kind == ReplyKind.Away ? reply.Problem : null, ct);
        return reply;
    }

    /// <summary>All pages of a list; away where one of them could not be read: half a list is none.</summary>
    internal async Task<ServiceReply<IReadOnlyList<TItem>>> ListAsync<TPage, TItem>(
        ServiceName service, string tenant, Func<string, string?, Task<ApiResponse<TPage>>> call, Func<TPage, (IReadOnlyList<TItem> Items, string? Next)> read, CancellationToken ct)
    {
        var items = new List<TItem>();
        string? after = null;
        do
        {
            var page = await CallAsync(service, tenant, token => call(token, after), ct);
            if (!page.IsDone)
            {
                return new ServiceReply<IReadOnlyList<TItem>>(page.Kind, null, null, page.Problem, page.Faults);
            }

            try
            {
                var (more, next) = read(page.Value!);
                items.AddRange(more);
                after = next;
            }
            catch (JsonException strange)
            {
                return ServiceReply.Away<IReadOnlyList<TItem>>(strange.Message);
            }
        }
        while (after is not null);
        return new ServiceReply<IReadOnlyList<TItem>>(ReplyKind.Done, items, null, null, []);
    }

    /// <summary>A page of plain JSON.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal static (IReadOnlyList<JsonElement> Items, string? Next) Page(JsonElement page) => page switch
    {
        { ValueKind: JsonValueKind.Array } => ([.. page.EnumerateArray()], null),
        { ValueKind: JsonValueKind.Object } when page.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array =>
            ([.. items.EnumerateArray()], page.TryGetProperty("next", out var next) ? next.GetString() : null),
        _ => throw new JsonException($"a list was asked for, and what came is none: {ServiceReply.Foreign}"),
    };
}
