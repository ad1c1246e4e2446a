namespace GridServices.Tariffs.Settlement;

/// <summary>A rule in whose place a fallback stands.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Reason">Why it gave no baseline.</param>
public sealed record RuleTried(string Rule, string Reason);
