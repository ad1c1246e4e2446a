using System.Text.Json;
using GridServices.Operations.Events;
using NodaTime;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the Ieee2030Dot5 service.</summary>
internal interface IIeee2030Dot5Api
{
    [Get("/v1/clients/{clientKey}/messages")]
    Task<ApiResponse<JsonElement>> ListMessagesAsync([Authorize("Bearer")] string token, string clientKey, string? before, int limit, CancellationToken ct);

    [Get("/v1/outbox")]
    Task<ApiResponse<JsonElement>> GetOutboxAsync([Authorize("Bearer")] string token, CancellationToken ct);

    [Get("/v1/clients")]
    Task<ApiResponse<JsonElement>> ListClientsAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/clients/{clientKey}")]
    Task<ApiResponse<JsonElement>> GetClientAsync([Authorize("Bearer")] string token, string clientKey, CancellationToken ct);

    [Put("/v1/clients/{clientKey}")]
    Task<ApiResponse<JsonElement>> PutClientAsync([Authorize("Bearer")] string token, string clientKey, [Header("If-Match")] string? ifMatch, [Body] JsonElement config, CancellationToken ct);

    [Delete("/v1/clients/{clientKey}")]
    Task<ApiResponse<JsonElement>> DeleteClientAsync([Authorize("Bearer")] string token, string clientKey, [Header("If-Match")] string? ifMatch, CancellationToken ct);

    [Get("/v1/clients/{clientKey}/doctor")]
    Task<ApiResponse<JsonElement>> GetDoctorAsync([Authorize("Bearer")] string token, string clientKey, CancellationToken ct);

    [Get("/v1/clients/{clientKey}/end-devices")]
    Task<ApiResponse<JsonElement>> ListEndDevicesAsync([Authorize("Bearer")] string token, string clientKey, CancellationToken ct);

    /// <summary>Controls of all clients that touch [from, until); instants as text.</summary>
    [Get("/v1/controls")]
    Task<ApiResponse<ControlSeenPage>> ListControlsAsync([Authorize("Bearer")] string token, string from, string? after, int limit, CancellationToken ct);
}

internal sealed record ControlSeenPage(IReadOnlyList<ControlSeen> Items, string? Next);

/// <summary>A control of a client, its times by our clock.</summary>
internal sealed record ControlSeen
{
    public required string ClientKey { get; init; }
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public required DerControl Control { get; init; }
}

/// <summary>A control in the Ieee2030Dot5 service's words.</summary>
internal sealed record DerControl
{
    public required string SiteId { get; init; }
    public required string MRid { get; init; }
    public required string Program { get; init; }
    public required ControlState Status { get; init; }
    public long StartOffsetS { get; init; }
    public long DurationOffsetS { get; init; }
    public Instant ReceivedAt { get; init; }
    public double ServerAheadS { get; init; }
    public IReadOnlyList<DerSetting> Settings { get; init; } = [];
    public IReadOnlyList<int> Told { get; init; } = [];
}

internal sealed record DerSetting(string Mode, decimal Amount);
