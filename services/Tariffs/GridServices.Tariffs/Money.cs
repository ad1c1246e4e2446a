namespace GridServices.Tariffs;

/// <summary>An amount in one currency. Positive = the customer pays. Amounts of different currencies never meet: exchange is never implicit.</summary>
/// <param name="Amount">In the currency's major unit, exact; rounded only by <see cref="Rounding"/>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public readonly record struct Money(decimal Amount, string Currency)
{
    public static Money operator +(Money left, Money right) => left with { Amount = left.Amount + RequireSameCurrency(left, right).Amount };

    public static Money operator -(Money left, Money right) => left with { Amount = left.Amount - RequireSameCurrency(left, right).Amount };

    public static Money operator *(Money money, decimal factor) => money with { Amount = money.Amount * factor };

    public static Money Add(Money left, Money right) => left + right;

    public static Money Subtract(Money left, Money right) => left - right;

    public static Money Multiply(Money money, decimal factor) => money * factor;

    public override string ToString() => $"{Amount} {Currency}";

    private static Money RequireSameCurrency(Money left, Money right) => string.Equals(left.Currency, right.Currency, StringComparison.Ordinal)
        ? right
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} are different currencies; convert one of them at a declared rate first");
}
