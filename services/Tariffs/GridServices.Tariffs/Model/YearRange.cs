using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>Days of a year [<see cref="From"/>, <see cref="Until"/>), as <c>MM-dd</c>.</summary>
public sealed record YearRange(AnnualDate From, AnnualDate Until);
