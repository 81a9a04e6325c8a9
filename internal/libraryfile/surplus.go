package libraryfile

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// surplusKey is the private state's record of the files that this resource has
// put into the library beside the one in its state, as a JSON list of names.
// Only an interrupted rename leaves any: the state keeps the old name until the
// old file is gone, and the new one must not be forgotten.
const surplusKey = "surplus_files"

func readSurplus(ctx context.Context, private privateReader) ([]string, diag.Diagnostics) {
	return readPrivate[[]string](ctx, private, surplusKey, "files left by an interrupted rename")
}

func writeSurplus(ctx context.Context, private privateWriter, names []string) diag.Diagnostics {
	if len(names) == 0 {
		return private.SetKey(ctx, surplusKey, nil)
	}
	data, err := json.Marshal(names)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Could not record an unfinished rename", err.Error())}
	}
	return private.SetKey(ctx, surplusKey, data)
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == name })
}

func with(names []string, name string) []string {
	return append(without(names, name), name)
}
