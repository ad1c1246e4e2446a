using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Invoices;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>Invoices and their numbers on disk.</summary>
internal static class InvoiceStore
{
    private const string Columns =
        """
        SELECT i.tenant AS Tenant, i.invoice_id AS InvoiceId, i.chain_id AS ChainId, i.place AS Place, i.kind AS Kind, i.number AS Number, i.seller_id AS SellerId, i.buyer_id AS BuyerId,
               i.series_id AS SeriesId, i.run_id AS RunId, i.meter_id AS MeterId, i.site_id AS SiteId, i.period_from AS PeriodFrom, i.period_until AS PeriodUntil, i.issue_date AS IssueDate,
               i.due_date AS DueDate, i.currency AS Currency, i.payable AS Payable, i.provisional AS Provisional, i.hash AS Hash, i.created_at AS CreatedAt, n.kind AS NextKind
        """;

    private const string From = "FROM invoices i LEFT JOIN invoices n ON n.tenant = i.tenant AND n.chain_id = i.chain_id AND n.place = i.place + 1";

    /// <summary>The next number of a series and year: taken with the commit, given back with a rollback.</summary>
    public static Task<long> NextAsync(DbTransaction tx, string tenant, string seriesId, int year) => tx.Connection!.ExecuteScalarAsync<long>(
        """
        INSERT INTO invoice_numbers (tenant, series_id, year, last) VALUES (@tenant, @seriesId, @year, 1)
        ON CONFLICT (tenant, series_id, year) DO UPDATE SET last = invoice_numbers.last + 1 RETURNING last
        """,
        new { tenant, seriesId, year = (long)year },
        tx);

    public static async Task<bool> AnyNumberAsync(DbTransaction tx, string tenant, string seriesId) =>
        await tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM invoice_numbers WHERE tenant = @tenant AND series_id = @seriesId", new { tenant, seriesId }, tx) > 0;

    /// <summary>Stores a document for the first time.</summary>
    public static Task AddAsync(DbTransaction tx, InvoiceRow row, InvoiceDocument document)
    {
        Fill(row, document);
        return tx.Connection!.ExecuteAsync(
            """
            INSERT INTO invoices (tenant, invoice_id, chain_id, place, kind, number, seller_id, buyer_id, series_id, run_id, meter_id, site_id, period_from, period_until, issue_date, due_date, currency, payable,
                                  provisional, content, hash, created_at)
            VALUES (@Tenant, @InvoiceId, @ChainId, @Place, @Kind, @Number, @SellerId, @BuyerId, @SeriesId, @RunId, @MeterId, @SiteId, @PeriodFrom, @PeriodUntil, @IssueDate, @DueDate, @Currency, @Payable,
                    @Provisional, @Content, @Hash, @CreatedAt)
            """,
            row,
            tx);
    }

    /// <summary>Turns a draft into what is issued; false = it is no draft any more.</summary>
    public static async Task<bool> IssueAsync(DbTransaction tx, InvoiceRow row, InvoiceDocument document)
    {
        Fill(row, document);
        return await tx.Connection!.ExecuteAsync(
            """
            UPDATE invoices SET number = @Number, issue_date = @IssueDate, due_date = @DueDate, content = @Content, hash = @Hash
            WHERE tenant = @Tenant AND invoice_id = @InvoiceId AND number IS NULL
            """,
            row,
            tx) == 1;
    }

    public static async Task<bool> DeleteDraftAsync(DbTransaction tx, string tenant, string invoiceId) =>
        await tx.Connection!.ExecuteAsync("DELETE FROM invoices WHERE tenant = @tenant AND invoice_id = @invoiceId AND number IS NULL", new { tenant, invoiceId }, tx) == 1;

    public static async Task<InvoiceRow?> FindAsync(DbConnection db, DbTransaction? tx, string tenant, string invoiceId) => await db.QuerySingleOrDefaultAsync<InvoiceRow>(
        $"{Columns}, i.content AS Content {From} WHERE i.tenant = @tenant AND i.invoice_id = @invoiceId", new { tenant, invoiceId }, tx);

    /// <summary>A chain's documents, the latest last.</summary>
    public static async Task<ImmutableArray<InvoiceRow>> ChainAsync(DbTransaction tx, string tenant, string chainId) => [.. await tx.Connection!.QueryAsync<InvoiceRow>(
        $"{Columns}, i.content AS Content {From} WHERE i.tenant = @tenant AND i.chain_id = @chainId ORDER BY i.place", new { tenant, chainId }, tx)];

    /// <summary>Another chain of the seller that already invoices the meter for some of these days and is not credited; null = none.</summary>
    public static Task<InvoiceRow?> OverlapAsync(DbTransaction tx, InvoiceRow row) => tx.Connection!.QueryFirstOrDefaultAsync<InvoiceRow>(
        $"""
        {Columns} {From} WHERE i.tenant = @Tenant AND i.meter_id = @MeterId AND i.seller_id = @SellerId AND i.chain_id <> @ChainId AND n.kind IS NULL AND i.kind <> @CreditNote
          AND i.period_from < @PeriodUntil AND i.period_until > @PeriodFrom
        """,
        new { row.Tenant, row.MeterId, row.SellerId, row.ChainId, row.PeriodFrom, row.PeriodUntil, CreditNote = nameof(InvoiceKind.CreditNote) },
        tx);

    /// <summary>Documents in the order in which they were made, without their content.</summary>
    public static async Task<IReadOnlyList<InvoiceRow>> ListAsync(DbConnection db, string tenant, InvoiceFilter filter, string after, int most)
    {
        var (sql, values) = filter.Sql();
        values.AddDynamicParams(new { tenant, after, most });
        return [.. await db.QueryAsync<InvoiceRow>($"{Columns} {From} WHERE i.tenant = @tenant AND i.invoice_id > @after{sql} ORDER BY i.invoice_id LIMIT @most", values)];
    }

    private static void Fill(InvoiceRow row, InvoiceDocument document)
    {
        string? Day(LocalDate? day) => day is { } d ? LocalDatePattern.Iso.Format(d) : null;
        row.Kind = document.Kind.ToString();
        row.Number = document.Number;
        row.MeterId = document.MeterId;
        (row.PeriodFrom, row.PeriodUntil) = (Day(document.From)!, Day(document.Until)!);
        (row.IssueDate, row.DueDate) = (Day(document.IssueDate), Day(document.DueDate));
        row.Currency = document.Currency;
        row.Payable = ExactDecimal.Text(document.Totals.Payable);
        row.Provisional = document.Provisional ? 1 : 0;
        row.Content = InvoiceJson.Write(document);
        row.Hash = InvoiceRow.ComputeHash(row.Content);
    }
}
