using System.Collections.Immutable;
using GridServices.Wire;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>Work that was given up inside a transaction, with every reason.</summary>
internal sealed class RefusedException(ImmutableArray<ReadError> refusals) : Exception(refusals[0].ToString())
{
    public ImmutableArray<ReadError> Refusals { get; } = refusals;
}
