using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Keeps and deletes a person's filters, and goes back to their list.</summary>
internal sealed class FiltersPage(PageUi ui, SavedFilters filters) : ConsolePage(ui)
{
    private const int MostName = 60;

    public IActionResult OnGet() => Redirect("/");

    public async Task<IActionResult> OnPostAsync(string? list, string? query, string? name)
    {
        var (page, called) = (RequireList(list), name?.Trim() ?? string.Empty);
        var filter = SavedFilters.SelectFilter(page, query);
        if (!Identifiers.IsPlainText(called, MostName))
        {
            throw new ProblemException(ErrorClass.SemanticText, Ui.T["filter.nameFault", MostName]);
        }

        var held = await filters.ListAsync(Ui.Tenant, Ui.User!.Id, page, HttpContext.RequestAborted);
        if (held.Count >= SavedFilters.MostOfPage && held.All(f => f.Name != called))
        {
            throw new ProblemException(ErrorClass.Conflict, Ui.T["filter.tooMany", SavedFilters.MostOfPage]);
        }

        await filters.SaveAsync(Ui.Actor, Ui.User.Id, page, new SavedFilter(called, filter), HttpContext.RequestAborted);
        return Redirect(page + filter);
    }

    public async Task<IActionResult> OnPostDeleteAsync(string? list, string? query, string? name)
    {
        var page = RequireList(list);
        await filters.DeleteAsync(Ui.Actor, Ui.User!.Id, page, name ?? string.Empty, HttpContext.RequestAborted);
        return Redirect(page + SavedFilters.SelectFilter(page, query));
    }

    private static string RequireList(string? list) => list is not null && SavedFilters.IsList(list) ? list : throw CreateNotFound("list", list ?? string.Empty);
}
