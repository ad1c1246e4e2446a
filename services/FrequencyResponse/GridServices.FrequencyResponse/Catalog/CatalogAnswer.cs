namespace GridServices.FrequencyResponse.Catalog;

/// <summary>The catalog as <c>GET /v1/catalog</c> shows it: every number with its source and how well it is known.</summary>
public sealed record CatalogAnswer(string Sign, IReadOnlyList<CatalogEntry> Services)
{
    public static CatalogAnswer Create(ServiceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new CatalogAnswer("share of the contracted quantity, + raises the frequency (inject more, import less)", [.. catalog.Services.Select(CatalogEntry.Create)]);
    }
}

/// <summary>One service of the catalog, as shown.</summary>
public sealed record CatalogEntry
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required double NominalHz { get; init; }
    public required ResponseDirection Direction { get; init; }
    public required ServiceKind Kind { get; init; }
    public required SettlementRule Settlement { get; init; }

    /// <summary>Corners <c>[hz, share]</c>; beyond the first and last the slopes hold. Absent where the service has no curve.</summary>
    public IReadOnlyList<double[]>? Curve { get; init; }
    public double? SlopeBelow { get; init; }
    public double? SlopeAbove { get; init; }

    /// <summary>How well the corners are known, where the rule states corners.</summary>
    public Certainty? CurveCertainty { get; init; }
    public string? CurveSource { get; init; }
    public DroopKind? Droop { get; init; }
    public string? WithoutCurve { get; init; }
    public required IReadOnlyDictionary<string, SourcedNumber> Numbers { get; init; }
    public string? Note { get; init; }

    /// <summary>When it is sold in this form; absent = no dates are known.</summary>
    public ServiceValidity? Validity { get; init; }

    /// <summary>The name that all forms of one product share.</summary>
    public string? Product { get; init; }

    /// <summary>Switched services: consecutive measurements of every source that votes, after which a trigger, a release or a re-arming counts.</summary>
    public int? ConfirmingMeasurements { get; init; }

    public static CatalogEntry Create(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var knots = service.Shape as KnotShape;
        return new CatalogEntry
        {
            Id = service.Id,
            Name = service.Name,
            NominalHz = service.NominalHz,
            Direction = service.ContractDirection ?? service.Direction,
            Kind = service.Kind,
            Settlement = service.Settlement,
            Curve = service.Curve?.Knots.Select(k => new[] { k.Hz, k.Pu }).ToArray(),
            SlopeBelow = service.Curve?.SlopeBelow,
            SlopeAbove = service.Curve?.SlopeAbove,
            CurveCertainty = knots?.Certainty,
            CurveSource = knots?.Source,
            Droop = (service.Shape as DroopShape)?.Kind,
            WithoutCurve = (service.Shape as NoCurve)?.Reason,
            Numbers = new SortedDictionary<string, SourcedNumber>(service.Numbers.ToDictionary(), StringComparer.Ordinal),
            Note = service.Note,
            Validity = service.Validity,
            Product = service.Product,
            ConfirmingMeasurements = service.Kind == ServiceKind.Switched ? Measurement.ConfirmedHz.Measurements : null,
        };
    }
}
