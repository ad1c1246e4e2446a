namespace GridServices.Tariffs.Model;

public enum AdjustmentKind
{
    Rider,
    Tax,
}
