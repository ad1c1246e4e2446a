namespace GridServices.Tariffs.Bills;

/// <summary>Square roots in decimal, for apparent power.</summary>
internal static class SquareRoot
{
    /// <summary>The root to about 26 digits, by Newton's method from a power of ten.</summary>
    public static decimal Compute(decimal square)
    {
        if (square <= 0)
        {
            return 0;
        }

        var root = 1m;
        while (root < 100_000_000_000 && root * root * 100 < square)
        {
            root *= 10;
        }

        for (var i = 0; i < 60; i++)
        {
            var next = (root + square / root) / 2;
            if (next == root)
            {
                break;
            }

            root = next;
        }

        // An exact root is shown as such: 500, not 499.9999…
        var plain = decimal.Round(root, 12);
        return plain * plain == square ? plain : root;
    }
}
