package bench

import (
	"fmt"
	"io"
	"time"
)

// goal is what the provider's memory should stay below.
const goal = 150 << 20

// WriteTable writes the rows in Markdown, behind each figure that of the empty
// provider.
func WriteTable(w io.Writer, rows []Row) {
	var last Scenario
	for i, row := range rows {
		if i == 0 || row.scenario != last {
			last = row.scenario
			fmt.Fprintf(w, "\n**%s**\n\n", last.title())
			fmt.Fprintln(w, "| | Calls | Wall time, s | CPU of all, s | CPU of the provider, s | Peak memory of the provider, MB |")
			fmt.Fprintln(w, "| --- | --- | ---: | ---: | ---: | ---: |")
		}
		fmt.Fprintf(w, "| %s | %s | %s / %s | %s / %s | %s / %s | %s / %s |\n", row.step, row.calls,
			seconds(row.ours.wall), seconds(row.empty.wall), seconds(row.ours.cpu), seconds(row.empty.cpu),
			seconds(row.ours.provider.CPU), seconds(row.empty.provider.CPU),
			megabytes(row.ours.provider.Peak), megabytes(row.empty.provider.Peak))
	}
}

// seconds writes a duration; 0 means that it is not known.
func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f", d.Seconds())
	}
	return fmt.Sprintf("%.1f", d.Seconds())
}

// megabytes writes a size; 0 means that it is not known.
func megabytes(size int64) string {
	if size == 0 {
		return "–"
	}
	return fmt.Sprint((size + 1<<19) >> 20)
}

// Verdicts says what exceeds the budget of calls: such a row is a regression,
// on whatever machine.
func Verdicts(rows []Row) []string {
	var all []string
	for _, row := range rows {
		all = append(all, overruns(row.scenario, row.step, row.calls)...)
	}
	return all
}

// Remarks sets the figures that depend on the machine against their goals: the
// peak memory, and how our part grows from the medium set to the large one.
func Remarks(rows []Row) []string {
	var highest Row
	for _, row := range rows {
		if row.ours.provider.Peak > highest.ours.provider.Peak {
			highest = row
		}
	}
	var all []string
	if peak := highest.ours.provider.Peak; peak > 0 {
		all = append(all, fmt.Sprintf("Highest memory of the provider: %s MB (%s, %s), to stay below %s MB.", megabytes(peak), highest.scenario, highest.step, megabytes(goal)))
	}
	for _, small := range rows {
		for _, large := range rows {
			if small.scenario.Size == 5_000 && large.scenario.Size == tenantCap && small.grows(large) {
				all = append(all, growth(small, large))
			}
		}
	}
	return all
}

// grows tells whether the other row is the same step of a set of another size.
func (r Row) grows(other Row) bool {
	return r.step == other.step && r.scenario.Shape == Set && other.scenario.Shape == Set && !r.scenario.Quotas && !other.scenario.Quotas
}

// own is the CPU that the provider takes beyond the empty one.
func (r Row) own() time.Duration { return r.ours.provider.CPU - r.empty.provider.CPU }

// growth compares our part of two sizes; linear is 3.
func growth(small, large Row) string {
	// Below this a difference is the machine's noise.
	const enough = 300 * time.Millisecond
	ratio := "too little to compare"
	if small.own() > enough {
		ratio = fmt.Sprintf("%.1f times, at most 3.5", large.own().Seconds()/small.own().Seconds())
	}
	return fmt.Sprintf("%s, CPU beyond the empty provider's from %s to %s: %.2f s to %.2f s (%s).",
		small.step, small.scenario, large.scenario, small.own().Seconds(), large.own().Seconds(), ratio)
}
