using System.Data.Common;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>How a protocol keeps the states of its engines.</summary>
public interface IEngineStates<TState>
{
    /// <summary>Writes what differs between the two states; <paramref name="before"/> is null for an engine that was never written.</summary>
    Task SaveStateAsync(DbTransaction tx, EngineId engine, TState? before, TState after, Instant now);

    /// <summary>The state that the next write-behind should bring to disk; <paramref name="stored"/> itself where there is nothing to write.</summary>
    TState Deferred(TState stored, TState current);
}

/// <summary>A protocol as the host runs it: makes, stores and compares its engines.</summary>
public interface IUtilityProtocol<TView, TConfig, TState, TInput, TKind> : IEngineStates<TState>
    where TKind : struct, Enum
{
    EngineNames Words { get; }

    /// <summary>The stored engines, or the one asked for, as they were committed last.</summary>
    Task<IReadOnlyList<StoredEngine<TView, TConfig, TState, TInput, TKind>>> LoadAsync(EngineId? only, CancellationToken ct);

    /// <summary>The ids of the stored engines, or of the one asked for, those that can't be read among them.</summary>
    Task<IReadOnlyList<EngineId>> KeysAsync(EngineId? only, CancellationToken ct);

    /// <summary>The stored configurations, or the one asked for, as the transaction sees them; null for each that can't be read.</summary>
    Task<IReadOnlyList<(EngineId Id, TConfig? Config)>> ConfigsAsync(DbTransaction tx, EngineId? only);

    /// <summary>Whether what is stored of an engine could not be read when it was loaded last: it is not run, and a PUT takes its place.</summary>
    bool IsUnreadable(EngineId engine);

    /// <summary>A new engine, with what earlier engines of the tenant leave to it; nothing is written.</summary>
    Task<StoredEngine<TView, TConfig, TState, TInput, TKind>> CreateAsync(
        EngineId engine, TConfig config, IReadOnlyList<TView> others, CancellationToken ct);

    /// <summary>Removes the configuration; the state stays for the revisions in it.</summary>
    Task DeleteConfigAsync(DbTransaction tx, EngineId engine);

    IEnumerable<string> GetSites(TConfig config);

    /// <summary>What no two engines of a tenant may publish: they would overwrite each other.</summary>
    IEnumerable<EngineClaim> GetClaims(TConfig config);

    /// <summary>The refusal of a configuration whose claim <paramref name="holder"/> has.</summary>
    ProblemException CreateTakenProblem(EngineClaim claim, EngineId holder);

    /// <summary>What belongs to one tenant of all that this process serves, such as an address under which utilities reach it: to another it is refused.</summary>
    IEnumerable<string> TenantsOwn(TConfig config);

    /// <summary>The refusal of a configuration of which another tenant has this; it names neither the tenant nor its engine.</summary>
    ProblemException CreateForeignTenantProblem(string own);

    /// <summary>Whether readings of its sites are of use to an engine.</summary>
    bool NeedsReadings(TConfig config);

    TInput Readings(IReadOnlyList<SiteReading> readings);

    /// <summary>Counts publications handed to the outbox.</summary>
    void Published(int count);
}

/// <summary>An engine with the state it starts from.</summary>
public sealed record StoredEngine<TView, TConfig, TState, TInput, TKind>(
    EngineId Id, IProtocolEngine<TView, TConfig, TState, TInput, TKind> Engine, TState State)
    where TKind : struct, Enum;

/// <summary>A site, or one stream of it, that one engine alone publishes.</summary>
public readonly record struct EngineClaim(string SiteId, string? Stream);
