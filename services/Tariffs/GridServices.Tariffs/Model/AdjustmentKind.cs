namespace GridServices.Tariffs;

public enum AdjustmentKind
{
    Rider,
    Tax,
}
