using System.Data.Common;

namespace GridServices.Hosting.Moving;

/// <summary>What a service's store needs besides its rows to go on in PostgreSQL: done last, inside the transaction that holds the copied rows.</summary>
/// <param name="RunAsync">Changes the rows; it runs again where the transaction does.</param>
public sealed record MoveEnding(Func<DbTransaction, Task> RunAsync);
