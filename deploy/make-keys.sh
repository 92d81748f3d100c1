#!/bin/sh
# Makes the two keys that hosts of one installation share, where they are not there yet; never
# changes one that is. Run it as the user that Baepo runs as: the files are for their owner alone.
#
#     make-keys.sh [FOLDER]        default: /etc/baepo/keys
#
#   token.key   signs tokens: one line of 64 hexadecimal digits
#   vault.key   seals the owners' secrets: a line per key, its id and 64 hexadecimal digits
#
# Keep a copy of vault.key away from the database: without it the owners' secrets are lost, and
# with both of them somebody can read those.
set -eu
umask 077

folder=${1:-/etc/baepo/keys}

random_key() {
    od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Whole or not at all, and never over one that somebody else made meanwhile.
keep() {
    file=$1
    draft=$folder/.$$.new
    cat > "$draft"
    sync "$draft"
    ln "$draft" "$file" || [ -e "$file" ]
    rm -f "$draft"
    echo "made $file"
}

mkdir -p "$folder"
if [ -e "$folder/token.key" ]; then
    echo "kept $folder/token.key"
else
    random_key | { cat; echo; } | keep "$folder/token.key"
fi
if [ -e "$folder/vault.key" ]; then
    echo "kept $folder/vault.key"
else
    {
        echo "# Baepo's key ring: the owners' secrets are sealed with these keys and are lost without them."
        echo "# A line per key: id, then 64 hexadecimal digits. The highest id seals, all of them open."
        echo "1 $(random_key)"
    } | keep "$folder/vault.key"
fi
