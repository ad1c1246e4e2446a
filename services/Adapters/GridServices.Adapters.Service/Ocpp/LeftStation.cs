namespace GridServices.Adapters.Service.Ocpp;

/// <summary>A station that is told nothing any more and still holds what it was told last.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="At">By what it was told; null: that was not kept.</param>
internal sealed record LeftStation(string Id, KeptAt? At);
