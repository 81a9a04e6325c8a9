package provider_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	aLink       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	anAnchor    = regexp.MustCompile(`<a id="([^"]+)">`)
	aFence      = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inlineCode  = regexp.MustCompile("`[^`\n]*`")
	notInSlugs  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	linkTargets = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// TestDocs_linksResolve follows every relative link of the repository's pages,
// to the heading if it names one.
func TestDocs_linksResolve(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	links := 0
	for _, name := range markdownFiles(t, root) {
		for _, match := range aLink.FindAllStringSubmatch(prose(readFS(t, root, name)), -1) {
			link := match[1]
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			links++
			target, anchor, _ := strings.Cut(link, "#")
			page := pageAt(root, name, target)
			if page == "" {
				t.Errorf("%s: the link %s leads nowhere", name, link)
				continue
			}
			if anchor != "" && !slices.Contains(anchorsOf(readFS(t, root, page)), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", name, page, link)
			}
		}
	}
	if links < 80 {
		t.Errorf("%d links were found", links)
	}
}

// markdownFiles are the pages for people: those that are generated, what they
// are generated from, and the READMEs.
func markdownFiles(t *testing.T, root fs.FS) []string {
	t.Helper()
	files := []string{"README.md", "CHANGELOG.md"}
	for _, dir := range []string{"docs", "templates/guides", "examples", "internal"} {
		err := fs.WalkDir(root, dir, func(name string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".md.tmpl") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// pageAt is the file that a link in the file called name leads to, empty if
// there is none. A template's links are those of the page that is made of it;
// the Registry wants them without the file's ending.
func pageAt(root fs.FS, name, target string) string {
	if target == "" {
		return name
	}
	name = strings.Replace(name, "templates/", "docs/", 1)
	target = path.Join(path.Dir(name), target)
	for _, candidate := range []string{target + ".md", target} {
		if _, err := fs.Stat(root, candidate); err == nil {
			return candidate
		}
	}
	return ""
}

// anchorsOf are those that GitHub and the Registry make of a page's headings,
// and those that it sets itself.
func anchorsOf(page string) []string {
	var anchors []string
	for _, match := range anAnchor.FindAllStringSubmatch(page, -1) {
		anchors = append(anchors, match[1])
	}
	for line := range strings.Lines(aFence.ReplaceAllString(page, "")) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			anchors = append(anchors, slug(strings.TrimSpace(heading)))
		}
	}
	return anchors
}

func slug(heading string) string {
	text := strings.ToLower(linkTargets.ReplaceAllString(heading, "$1"))
	return strings.ReplaceAll(notInSlugs.ReplaceAllString(text, ""), " ", "-")
}

// prose is a page without its code.
func prose(page string) string {
	return inlineCode.ReplaceAllString(aFence.ReplaceAllString(page, ""), "")
}

func readFS(t *testing.T, root fs.FS, name string) string {
	t.Helper()
	text, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
