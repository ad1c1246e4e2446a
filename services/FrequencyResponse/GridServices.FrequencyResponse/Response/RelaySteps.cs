namespace GridServices.FrequencyResponse.Response;

/// <summary>Rounds the response of a relay-type resource to whole steps inside the corners of the rule.</summary>
/// <remarks>Nordic FCR: the stepped curve may lie 10 % of full response above the straight one and 5 % below; a step stays while it lies there.</remarks>
internal static class RelaySteps
{
    private const double Above = 0.10;
    private const double Below = 0.05;

    internal static double Round(int steps, ref int current, double pu)
    {
        var size = Math.Abs(pu);
        var excess = ((double)Math.Abs(current) / steps) - size;
        var same = current == 0 || Math.Sign(current) == Math.Sign(pu) || pu == 0;
        if (!same || excess is > Above or < -Below || (size == 0 && current != 0))
        {
            // One third below the half: the error lies in -1/3..+2/3 of a step.
            current = Math.Sign(pu) * (int)Math.Ceiling((size * steps) - (1.0 / 3) - 1e-9);
        }

        return (double)current / steps;
    }
}
