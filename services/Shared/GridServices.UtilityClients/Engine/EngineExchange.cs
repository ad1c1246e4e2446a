using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What an engine wants done.</summary>
public abstract record EngineNext<TView, TInput>
{
    /// <summary>Send a request to the utility and apply the outcome.</summary>
    public sealed record Send(Func<CancellationToken, Task<EngineExchange<TView, TInput>>> ExchangeAsync) : EngineNext<TView, TInput>
    {
        /// <summary>It is not cut for a person sooner than this.</summary>
        public TimeSpan LeastPatience { get; init; }
    }

    /// <summary>Nothing to send before then, unless something arrives.</summary>
    public sealed record WaitUntil(Instant At) : EngineNext<TView, TInput>;
}

/// <summary>An exchange was cut short; what was sent by then is journaled all the same.</summary>
/// <param name="rows">For the journal.</param>
/// <param name="cause">How the transport told of it.</param>
/// <param name="ct">What cut it.</param>
public sealed class ExchangeCutException(IReadOnlyList<JournalRow> rows, Exception cause, CancellationToken ct)
    : OperationCanceledException("the exchange was cut", cause, ct)
{
    /// <summary>For the journal.</summary>
    public IReadOnlyList<JournalRow> Rows => rows;
}

/// <summary>The outcome of one request.</summary>
/// <param name="Input">For the engine.</param>
/// <param name="Rows">For the journal.</param>
/// <param name="Record">Adds to the view what the outcome shows of the connection.</param>
public sealed record EngineExchange<TView, TInput>(TInput Input, IReadOnlyList<JournalRow> Rows, Func<TView, Instant, TView> Record);
