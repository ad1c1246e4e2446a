using System.Collections.Immutable;

namespace GridServices.Tariffs;

public enum AdjustmentKind
{
    Rider,
    Tax,
}
