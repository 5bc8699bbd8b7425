"""Stops all our servers and removes what the scripts have made, except what they run (build/tools)."""

import shutil

from cluster import all_clusters
from system import BUILD, Problem, elsewhere, home, problems_shown, say


def main():
    """Clusters first, so that no server is left without its files."""
    for cluster in all_clusters():
        cluster.remove()
        if cluster.folder.exists():
            raise Problem(f"{cluster.folder} belongs to another user; remove it as that user")
        say(f"removed {cluster.name}")
    if home() == elsewhere():
        shutil.rmtree(elsewhere())
    for path in BUILD.iterdir():
        if path.name != "tools":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    with problems_shown():
        main()
