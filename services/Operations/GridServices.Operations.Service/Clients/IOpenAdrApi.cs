using System.Text.Json;
using GridServices.Operations.Events;
using NodaTime;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What we use of the OpenAdr service.</summary>
internal interface IOpenAdrApi
{
    [Get("/v1/vens/{venKey}/messages")]
    Task<ApiResponse<JsonElement>> ListMessagesAsync([Authorize("Bearer")] string token, string venKey, string? before, int limit, CancellationToken ct);

    [Get("/v1/outbox")]
    Task<ApiResponse<JsonElement>> GetOutboxAsync([Authorize("Bearer")] string token, CancellationToken ct);

    [Get("/v1/vens")]
    Task<ApiResponse<JsonElement>> ListVensAsync([Authorize("Bearer")] string token, string? after, int limit, CancellationToken ct);

    [Get("/v1/vens/{venKey}")]
    Task<ApiResponse<JsonElement>> GetVenAsync([Authorize("Bearer")] string token, string venKey, CancellationToken ct);

    [Put("/v1/vens/{venKey}")]
    Task<ApiResponse<JsonElement>> PutVenAsync([Authorize("Bearer")] string token, string venKey, [Header("If-Match")] string? ifMatch, [Body] JsonElement config, CancellationToken ct);

    [Delete("/v1/vens/{venKey}")]
    Task<ApiResponse<JsonElement>> DeleteVenAsync([Authorize("Bearer")] string token, string venKey, [Header("If-Match")] string? ifMatch, CancellationToken ct);

    [Get("/v1/vens/{venKey}/doctor")]
    Task<ApiResponse<JsonElement>> GetDoctorAsync([Authorize("Bearer")] string token, string venKey, CancellationToken ct);

    /// <summary>Events of all VENs that touch [from, until); instants as text.</summary>
    [Get("/v1/events")]
    Task<ApiResponse<VenEventPage>> ListEventsAsync([Authorize("Bearer")] string token, string from, string? after, int limit, CancellationToken ct);

    [Put("/v1/vens/{venKey}/events/{eventId}/opt")]
    Task<ApiResponse<JsonElement>> PutOptAsync([Authorize("Bearer")] string token, string venKey, string eventId, [Body] JsonElement choice, CancellationToken ct);

    [Get("/v1/vens/{venKey}/opts")]
    Task<ApiResponse<VenOptPage>> ListOptsAsync([Authorize("Bearer")] string token, string venKey, string? after, int limit, CancellationToken ct);

    /// <summary>The same key with the same body makes one opt.</summary>
    [Post("/v1/vens/{venKey}/opts")]
    Task<ApiResponse<VenOptSeen>> CreateOptAsync([Authorize("Bearer")] string token, string venKey, [Header("Idempotency-Key")] string key, [Body] JsonElement opt, CancellationToken ct);

    [Delete("/v1/vens/{venKey}/opts/{optId}")]
    Task<ApiResponse<JsonElement>> DeleteOptAsync([Authorize("Bearer")] string token, string venKey, string optId, CancellationToken ct);
}

internal sealed record VenOptPage(IReadOnlyList<VenOptSeen> Items, string? Next);

/// <summary>An opt of a VEN, about an event or a schedule.</summary>
internal sealed record VenOptSeen
{
    public required string OptId { get; init; }

    /// <summary>waiting, held, refused or cancelling.</summary>
    public required string Status { get; init; }

    public required string OptType { get; init; }
    public string? EventId { get; init; }
    public string? MarketContext { get; init; }
    public IReadOnlyList<string> ResourceIds { get; init; } = [];
    public string? Reason { get; init; }
    public string? Problem { get; init; }
    public string? ReplacedBy { get; init; }
}

internal sealed record VenEventPage(IReadOnlyList<VenEventSeen> Items, string? Next);

/// <summary>An event of a VEN.</summary>
internal sealed record VenEventSeen
{
    public required string VenKey { get; init; }
    public IReadOnlyList<string> Sites { get; init; } = [];
    public required VenEvent Event { get; init; }
}

/// <summary>An event in the OpenAdr service's words.</summary>
internal sealed record VenEvent
{
    public required string EventId { get; init; }
    public long? ModificationNumber { get; init; }
    public string? MarketContext { get; init; }
    public required VenEventStatus Status { get; init; }
    public Instant? Start { get; init; }
    public Instant? End { get; init; }
    public long? RandomizedByS { get; init; }
    public bool? TestEvent { get; init; }
    public string? OptType { get; init; }
    public bool OptByPerson { get; init; }
    public string? OptBy { get; init; }
    public string? OptActor { get; init; }
    public string? OptReason { get; init; }
    public Instant? OptAt { get; init; }
    public bool AnswerOwed { get; init; }
    public VenEventRefusal? Refusal { get; init; }
    public Instant? ReceivedAt { get; init; }
    public string? Sha256 { get; init; }
    public string? VtnComment { get; init; }
    public IReadOnlyList<VenSignal> Signals { get; init; } = [];
}

internal sealed record VenEventRefusal(int Code, string Reason);

internal sealed record VenSignal
{
    public required string SignalName { get; init; }
    public string? SignalType { get; init; }
    public string? Units { get; init; }
    public IReadOnlyList<VenSignalStep> Steps { get; init; } = [];
}

internal sealed record VenSignalStep
{
    public Instant? From { get; init; }
    public Instant? Until { get; init; }
    public decimal Value { get; init; }
}
