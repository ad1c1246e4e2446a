using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Operations.Json;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Frequency;

/// <summary>Everything that the page of a contract shows. What could not be read is null, and <see cref="Unread"/> names it.</summary>
internal sealed record FrequencyPicture(FrequencyContract Contract)
{
    public FrequencyState? State { get; init; }
    public IReadOnlyList<FrequencyRow>? Rows { get; init; }
    public FrequencyDeadBand? DeadBand { get; init; }
    public IReadOnlyList<FrequencyPeriod>? Periods { get; init; }
    public IReadOnlyList<FrequencyActivation>? Activations { get; init; }
    public FrequencyMoney? Money { get; init; }
    public string? Shortage { get; init; }

    /// <summary>Parts that are not known: state, trace, periods, activations, plan, money.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    internal IReadOnlyList<FrequencyAlarm> Alarms => FrequencyAlarm.FindAll(State, Shortage, Contract.Refusal);
}

/// <summary>Reads contracts at the FrequencyResponse service, and what they earned at Tariffs.</summary>
internal sealed class FrequencyReader(ServiceCalls calls, IFrequencyResponseApi frequency, ITariffsApi tariffs, IClock clock)
{
    private static readonly Duration CatalogHolds = Duration.FromHours(1);
    private static readonly JsonSerializerOptions Loose = Build();
    private readonly ConcurrentDictionary<string, (Instant At, Dictionary<string, FrequencyDeadBand?> Bands)> _bands = new(StringComparer.Ordinal);

    /// <summary>All contracts; away where the service does not answer.</summary>
    internal async Task<ServiceReply<IReadOnlyList<FrequencyContract>>> ListAsync(string tenant, CancellationToken ct)
    {
        var reply = await calls.ListAsync(ServiceName.FrequencyResponse, tenant, (token, after) => frequency.ListContractsAsync(token, after, ServiceCalls.PageSize, ct), ServiceCalls.Page, ct);
        return reply.IsDone
            ? new ServiceReply<IReadOnlyList<FrequencyContract>>(reply.Kind, [.. reply.Value!.Select(Read<FrequencyContract>).OfType<FrequencyContract>()], null, null, [])
            : new ServiceReply<IReadOnlyList<FrequencyContract>>(reply.Kind, null, null, reply.Problem, reply.Faults);
    }

    /// <param name="tenant">Whose.</param>
    /// <param name="contract">As it is listed.</param>
    /// <param name="trace">What of the trace is wanted.</param>
    /// <param name="step">Of the trace.</param>
    /// <param name="dayFrom">From when on periods, activations and money count.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<FrequencyPicture> ReadAsync(string tenant, FrequencyContract contract, Interval trace, Duration step, Instant dayFrom, CancellationToken ct)
    {
        var (id, now) = (contract.ContractId, clock.GetCurrentInstant());
        Task<JsonElement?> Ask(Func<string, Task<Refit.ApiResponse<JsonElement>>> call) => CallAsync(ServiceName.FrequencyResponse, tenant, call, ct);
        var state = Ask(token => frequency.GetStateAsync(token, id, ct));
        var rows = Ask(token => frequency.GetMeteredAsync(token, id, Text(trace.Start), Text(trace.End), PeriodPattern.NormalizingIso.Format(Period.FromSeconds((long)step.TotalSeconds)), ct));
        var performance = Ask(token => frequency.GetPerformanceAsync(token, id, Text(dayFrom), Text(now), ct));
        var activations = Ask(token => frequency.GetActivationsAsync(token, id, Text(dayFrom), Text(now), ct));
        var plan = Ask(token => frequency.GetPlanAsync(token, id, ct));
        await Task.WhenAll(state, rows, performance, activations, plan);
        var money = await MoneyAsync(tenant, await performance, ct);
        var picture = new FrequencyPicture(contract)
        {
            State = Read<FrequencyState>(await state),
            Rows = List<FrequencyRow>(await rows, "rows"),
            Periods = List<FrequencyPeriod>(await performance, "periods"),
            Activations = List<FrequencyActivation>(await activations, "activations"),
            Shortage = await plan is { } ahead && ahead.TryGetProperty("shortage", out var shortage) ? shortage.GetString() : null,
            Money = money,
            DeadBand = await DeadBandAsync(tenant, contract.Service, ct),
        };
        (string Part, bool IsRead)[] parts = [("state", picture.State is not null), ("trace", picture.Rows is not null), ("periods", picture.Periods is not null), ("activations", picture.Activations is not null), ("plan", await plan is not null), ("money", money is not null)];
        return picture with { Unread = [.. parts.Where(p => !p.IsRead).Select(p => p.Part)] };
    }

    /// <summary>What the periods earned so far; null = it is not known. Without a block there is nothing to settle, and nothing was earned yet.</summary>
    private async Task<FrequencyMoney?> MoneyAsync(string tenant, JsonElement? performance, CancellationToken ct)
    {
        if (performance is not { } known || !known.TryGetProperty("settlement", out var settlement) || !settlement.TryGetProperty("blocks", out var blocks))
        {
            return null;
        }

        return blocks.GetArrayLength() == 0
            ? new FrequencyMoney(settlement.GetProperty("currency").GetString() ?? string.Empty, 0, 0, 0, Provisional: true)
            : Read<FrequencyMoney>(await CallAsync(ServiceName.Tariffs, tenant, token => tariffs.SettleFrequencyAsync(token, settlement, ct), ct));
    }

    private async Task<FrequencyDeadBand?> DeadBandAsync(string tenant, string service, CancellationToken ct)
    {
        if (!_bands.TryGetValue(tenant, out var kept) || clock.GetCurrentInstant() - kept.At > CatalogHolds)
        {
            if (Read<Catalog>(await CallAsync(ServiceName.FrequencyResponse, tenant, token => frequency.GetCatalogAsync(token, ct), ct)) is not { } catalog)
            {
                return null;
            }

            kept = _bands[tenant] = (clock.GetCurrentInstant(), catalog.Services.ToDictionary(s => s.Id, s => FrequencyDeadBand.From(s.Curve, s.Numbers.GetValueOrDefault("triggerHz")?.Value, s.NominalHz), StringComparer.Ordinal));
        }

        return kept.Bands.GetValueOrDefault(service);
    }

    private async Task<JsonElement?> CallAsync(ServiceName service, string tenant, Func<string, Task<Refit.ApiResponse<JsonElement>>> call, CancellationToken ct) =>
        await calls.CallAsync(service, tenant, call, ct) is { IsDone: true, Value: var value } ? value : null;

    private static IReadOnlyList<T>? List<T>(JsonElement? answer, string name)
        where T : class
    {
        if (answer is not { } known)
        {
            return null;
        }

        var items = known.ValueKind == JsonValueKind.Array ? known : known.TryGetProperty(name, out var inside) ? inside : default;
        return items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray().Select(Read<T>).OfType<T>()] : null;
    }

    /// <summary>Null: it is not what that service answers.</summary>
    private static T? Read<T>(JsonElement element)
        where T : class => Read<T>((JsonElement?)element);

    private static T? Read<T>(JsonElement? element)
        where T : class
    {
        try
        {
            return element?.Deserialize<T>(Loose);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);

    /// <summary>What that service adds to its answers is left; numbers come as numbers, or as text from Tariffs.</summary>
    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions(OperationsJson.Options)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
            RespectRequiredConstructorParameters = false,
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed record Catalog(IReadOnlyList<CatalogService> Services);

    private sealed record CatalogService(string Id, decimal NominalHz, IReadOnlyList<IReadOnlyList<decimal>>? Curve, IReadOnlyDictionary<string, CatalogNumber> Numbers);

    private sealed record CatalogNumber(decimal? Value);
}
